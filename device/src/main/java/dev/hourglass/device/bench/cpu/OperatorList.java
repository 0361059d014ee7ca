package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Backend.Offer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The operators of the processor, with the sizes that they have unless told.
final class OperatorList {
    private static final List<String> FLOATS = List.of("fp32");

    /// The same product by a library, where it is there.
    static final Offer LIBRARY_GEMM =
            offer("gemm_openblas", "product of M × K by K × N by OpenBLAS", "M=512 N=1024 K=1024");

    private OperatorList() {}

    static Map<Offer, Function<Axes, CpuOperator>> all() {
        Map<Offer, Function<Axes, CpuOperator>> all = new LinkedHashMap<>();
        all.put(offer("gemm", "product of M × K by K × N", "M=512 N=1024 K=1024"), Gemm::new);
        all.put(
                offer("softmax", "softmax of T rows of N", "T=1024 N=4096"),
                axes -> new RowOperator(RowOperator.Kind.SOFTMAX, axes));
        all.put(
                offer("rmsnorm", "root-mean-square norm of T rows of H", "T=1024 H=4096"),
                axes -> new RowOperator(RowOperator.Kind.RMSNORM, axes));
        all.put(
                offer("layernorm_gelu", "layer norm of T rows of H and GELU behind it", "T=1024 H=4096"),
                axes -> new RowOperator(RowOperator.Kind.LAYERNORM_GELU, axes));
        all.put(
                offer("silu_mul", "SiLU of the gate times the up projection, T rows of I", "T=1024 I=4096"),
                axes -> new RowOperator(RowOperator.Kind.SILU_MUL, axes));
        all.put(
                offer("rope", "rotation of T tokens' h heads, d wide", "T=1024 h=40 d=128"),
                axes -> new TokenOperator(TokenOperator.Kind.ROPE, axes));
        all.put(
                offer("embedding", "rows of a table of V words, H wide, for T tokens", "T=4096 H=4096 V=16384"),
                axes -> new TokenOperator(TokenOperator.Kind.EMBEDDING, axes));
        all.put(
                offer(
                        "attention_prefill",
                        "causal attention of B prompts of S tokens, hq heads over hkv, d wide",
                        "B=1 S=512 hq=8 hkv=2 d=128"),
                axes -> new Attention(true, axes));
        all.put(
                offer(
                        "attention_decode",
                        "attention of B sequences to L cached tokens, hq heads over hkv, d wide",
                        "B=4 L=4096 hq=32 hkv=8 d=128"),
                axes -> new Attention(false, axes));
        all.put(
                offer("moe", "k of E experts for T tokens of width H, experts I wide", "T=16 E=16 k=4 H=1024 I=768"),
                Experts::new);
        all.put(
                offer("conv2d", "N images of C × H × W by K filters of C × R × S", "N=1 C=64 H=56 W=56 K=64 R=3 S=3"),
                Convolution::new);
        all.put(
                offer("lstm", "T steps of B sequences, inputs I wide, state H wide", "T=16 B=4 I=512 H=512"),
                Lstm::new);
        all.put(
                offer("memcpy", "so many bytes from one place to another", "bytes=67108864"),
                axes -> new TokenOperator(TokenOperator.Kind.MEMCPY, axes));
        return all;
    }

    /// @param sizes for example `M=512 N=1024`
    private static Offer offer(String op, String what, String sizes) {
        Map<String, Long> axes = new LinkedHashMap<>();
        for (String size : sizes.split(" ", -1)) {
            int at = size.indexOf('=');
            axes.put(size.substring(0, at), Long.valueOf(size.substring(at + 1)));
        }
        return new Offer(op, what, FLOATS, axes);
    }
}
