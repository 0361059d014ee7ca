package dev.hourglass.core;

import dev.hourglass.core.analysis.Bound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/// One recording with one planted neck, everything else drawn from a seed: format, names of steps and
/// kernels, length of a step, streams, graphs, ranks, what the recorder left out.
///
/// The size of the neck is known from how it was made, and is what a finding is held against.
final class NeckVariant {
    /// What is planted.
    enum Neck {
        LAUNCH,
        LAUNCH_TWO_GPUS,
        MEMORY,
        COMPUTE,
        HOST_INSIDE,
        HOST_BETWEEN,
        HOST_SPREAD,
        TRANSFER_PAGEABLE,
        TRANSFER_PINNED,
        TRANSFER_SERIAL,
        TRANSFER_BACK,
        SYNC_EAGER,
        SYNC_GRAPHS,
        SYNC_PLAIN,
        EXPERTS_STREAMS,
        EXPERTS_GRAPH,
        EXPERTS_SHAPES,
        EXPERTS_DEVICES,
        RANKS,
        COMMUNICATION,
        COMMUNICATION_BESIDE,
        THROTTLE,
        HEALTHY_GRAPH,
        HEALTHY_EAGER,
        HEALTHY_COPY_HIDDEN,
        HEALTHY_COMM_HIDDEN,
        HEALTHY_ASYNC
    }

    private static final List<String> STEP_NAMES = List.of(
            "decode_%d",
            "ProfilerStep#%d",
            "execute_8_context_0(sq0sk0sqsq0sqsk0)_generation_8(sq8sk10%dsqsq8sqsk10)",
            "execute_context_0(0)_generation_8(%d)",
            "step[DECODE bs=8 toks=%d]",
            "engine_step %d",
            "model forward %d");
    private static final List<List<String>> MEMORY_NAMES = List.of(
            List.of(
                    "gemv2T_kernel_val<int, int, __nv_bfloat16, __nv_bfloat16, __nv_bfloat16, float, 128, 16, 4, 4, false>"),
            List.of(
                    "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::BFloat16>>(int)"),
            List.of("nvjet_tst_16x64_64x16_1x1_h_bz_TNT", "void vllm::rms_norm_kernel<c10::BFloat16>(int)"),
            List.of("triton_poi_fused_add_mul_silu_0", "triton_red_fused__to_copy_mean_pow_1"),
            List.of("void cutlass::Kernel2<cutlass_80_wmma_tensorop_bf16_s161616gemm_bf16_16x16_128x2_tn_align8>(P)"),
            List.of("_ZN4vllm15rms_norm_kernelIN3c108BFloat16EEEvPT_", "void gemvNSP_kernel<float>(int)"),
            List.of("Cijk_Alik_Bljk_BBS_BH_Bias_HAS_SAV_UserArgs_MT16x16x128_MI16x16x1_SN"));
    private static final List<List<String>> COMPUTE_NAMES = List.of(
            List.of(
                    "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x256x64_warpgroupsize2x1x1_execute_segment_k_off_kernel__5x_cublas"),
            List.of("nvjet_tst_256x128_64x4_1x2_h_bz_coopA_NNT"),
            List.of("void cutlass::Kernel2<cutlass_80_tensorop_bf16_s16816gemm_relu_bf16_256x128_64x3_tn_align8>(P)"),
            List.of("ampere_bf16_s16816gemm_bf16_128x128_ldg8_f2f_stages_64x3_tn"),
            List.of("Cijk_Alik_Bljk_BBS_BH_Bias_HAS_SAV_UserArgs_MT256x256x64_MI16x16x1_SN"));
    private static final List<String> SMALL_NAMES = List.of(
            "void at::native::elementwise_kernel<128, 2, at::native::gpu_kernel_impl<at::native::MulFunctor<float>>>(int)",
            "triton_poi_fused_add_3",
            "void vllm::silu_and_mul_kernel<c10::BFloat16>(int)",
            "ampere_sgemm_32x32_sliced1x4_tn",
            "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float>>(int)",
            "some_handwritten_kernel_v2");
    private static final List<String> COLLECTIVES = List.of(
            "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
            "ncclKernel_AllReduce_RING_LL_Sum_half",
            "void vllm::cross_device_reduce_1stage<__nv_bfloat16, 4>(vllm::RankData*)",
            "ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
            "void deep_ep::internode_ll::dispatch<true, 4, 8, 7168>(void*)");
    private static final int STEPS = 7;

    final long seed;
    final Neck neck;
    final boolean nsys;
    final boolean annotated;
    final boolean prefillToo;
    final boolean unlinked;
    final int ranks;
    final boolean oneFile;
    final String stepName;
    private final Random random;
    private final SyntheticTrace trace;
    private final boolean slowFirst;
    private final int device;
    private final double stepNs;
    private final List<String> extra = new ArrayList<>();
    private double planted = Double.NaN;

    NeckVariant(long seed, Neck neck) {
        this.seed = seed;
        this.neck = neck;
        this.random = new Random(seed * 1_000 + neck.ordinal());
        this.nsys = neck != Neck.EXPERTS_SHAPES && neck != Neck.HOST_SPREAD && chance(0.4);
        this.annotated = chance(0.85);
        this.prefillToo = annotated && !busy() && !imbalance() && chance(0.3);
        this.unlinked = !nsys && neck != Neck.RANKS && neck != Neck.EXPERTS_SHAPES && chance(0.1);
        this.ranks = neck == Neck.RANKS ? pick(List.of(2, 2, 4)) : neck == Neck.COMMUNICATION ? pick(List.of(1, 2)) : 1;
        this.oneFile = ranks > 1 && chance(0.5);
        this.slowFirst = annotated && chance(0.4);
        this.device = ranks == 1 && neck != Neck.EXPERTS_DEVICES && neck != Neck.LAUNCH_TWO_GPUS && chance(0.2)
                ? 1 + random.nextInt(6)
                : 0;
        this.stepNs = 500_000 * Math.pow(400, random.nextDouble());
        String name = pick(STEP_NAMES);
        boolean asPrefill = neck == Neck.COMPUTE || neck == Neck.THROTTLE;
        this.stepName = asPrefill
                ? pick(List.of("prefill_%d", "execute_context_1(51%d)_generation_0(0)", "step[EXTEND bs=1 toks=81%d]"))
                : name;
        this.trace = new SyntheticTrace(seed);
        if (nsys || neck != Neck.EXPERTS_SHAPES && neck != Neck.HOST_SPREAD && chance(0.2)) {
            trace.withoutOperators();
        }
        if (!nsys && chance(0.2)) {
            trace.runtime("hip");
        }
        trace.on(pick(List.of(1, 4242, 99_999)));
        if (chance(0.15)) {
            trace.annotatedOn(77);
        }
        if (chance(0.15)) {
            trace.throughDriver();
        }
    }

    /// Whether the GPU is at work and nothing is planted beside.
    private boolean busy() {
        return neck == Neck.MEMORY || neck == Neck.COMPUTE || healthy();
    }

    private boolean imbalance() {
        return neck.name().startsWith("EXPERTS") || neck == Neck.RANKS || neck == Neck.THROTTLE;
    }

    boolean healthy() {
        return neck.name().startsWith("HEALTHY");
    }

    /// What the first finding may name.
    Set<Bound> expected() {
        return switch (neck) {
            case LAUNCH, LAUNCH_TWO_GPUS -> EnumSet.of(Bound.LAUNCH);
            case MEMORY -> EnumSet.of(Bound.MEMORY);
            case COMPUTE -> EnumSet.of(Bound.COMPUTE);
            case HOST_INSIDE, HOST_BETWEEN, HOST_SPREAD -> EnumSet.of(Bound.HOST);
            case TRANSFER_PAGEABLE, TRANSFER_PINNED, TRANSFER_SERIAL, TRANSFER_BACK -> EnumSet.of(Bound.TRANSFER);
            case SYNC_EAGER, SYNC_GRAPHS, SYNC_PLAIN -> EnumSet.of(Bound.SYNC);
            case EXPERTS_STREAMS, EXPERTS_GRAPH, EXPERTS_SHAPES, EXPERTS_DEVICES, RANKS -> EnumSet.of(Bound.IMBALANCE);
            case COMMUNICATION, COMMUNICATION_BESIDE -> EnumSet.of(Bound.COMMUNICATION);
            case THROTTLE -> EnumSet.of(Bound.THROTTLE);
            default -> EnumSet.of(Bound.MEMORY, Bound.COMPUTE, Bound.DEVICE);
        };
    }

    /// Share of the stage's time that the neck takes, from how it was made; NaN where it is not known
    /// exactly.
    double planted() {
        return planted;
    }

    /// A regular expression for steps, where the names need one.
    String stages() {
        return stepName.startsWith("model") ? "model forward" : "";
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s seed %d: %s, %s, steps \"%s\" of %.2f ms%s%s%s%s%s",
                neck,
                seed,
                nsys ? "nsys" : "kineto",
                annotated ? "annotated" : "no annotation",
                stepName,
                stepNs / 1e6,
                prefillToo ? ", prefill too" : "",
                unlinked ? ", unlinked" : "",
                ranks > 1 ? ", " + ranks + " ranks" + (oneFile ? " in one file" : "") : "",
                slowFirst ? ", slow first" : "",
                extra);
    }

    private boolean chance(double p) {
        return random.nextDouble() < p;
    }

    private double between(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private long vary(double ns) {
        return Math.max(200, Math.round(ns * between(0.97, 1.03)));
    }

    /// Writes the recording's files.
    List<Path> write(Path folder) throws IOException {
        if (neck == Neck.RANKS || neck == Neck.COMMUNICATION && ranks > 1) {
            return ranked(folder);
        }
        Runnable step = body();
        if (prefillToo) {
            for (int i = 0; i < 2; i++) {
                prefill(i);
            }
        }
        for (int i = 0; i < STEPS; i++) {
            boolean slow = slowFirst && !prefillToo && i == 0;
            Runnable one = slow
                    ? () -> {
                        trace.other((long) (stepNs * 20));
                        step.run();
                    }
                    : step;
            if (annotated) {
                trace.step(stepName.formatted(i + 1), one);
            } else {
                one.run();
            }
            after(i);
        }
        List<Path> files = new ArrayList<>(List.of(file(trace, folder, "run")));
        if (neck == Neck.THROTTLE) {
            files.add(clocks(folder));
        }
        return files;
    }

    private Path file(SyntheticTrace of, Path folder, String name) throws IOException {
        return nsys
                ? of.writeNsys(folder.resolve(name + ".sqlite"))
                : unlinked
                        ? of.writeUnlinked(folder.resolve(name + ".json"))
                        : of.write(folder.resolve(name + ".json"));
    }

    private void prefill(int i) {
        trace.named(COMPUTE_NAMES.get(0).getFirst());
        trace.step("prefill_" + i, () -> {
            trace.other(slowFirst && i == 0 ? (long) (stepNs * 20) : 0);
            for (int k = 0; k < 10; k++) {
                trace.kernel(device, 7, 20_000, vary(stepNs / 20));
            }
            trace.sync(device, 7);
        });
        trace.other(3_000);
    }

    private void after(int i) {
        if (neck == Neck.HOST_BETWEEN) {
            trace.other(vary(hostNs));
        } else {
            trace.other(2_000);
        }
    }

    private double hostNs;

    private Runnable body() {
        return switch (neck) {
            case LAUNCH -> launch(1);
            case LAUNCH_TWO_GPUS -> launch(2);
            case HOST_SPREAD -> spread();
            case SYNC_PLAIN -> waits();
            case EXPERTS_GRAPH -> forked();
            case COMMUNICATION_BESIDE -> beside();
            case MEMORY -> work(pick(MEMORY_NAMES), chance(0.5));
            case COMPUTE -> work(pick(COMPUTE_NAMES), chance(0.3));
            case THROTTLE -> work(pick(COMPUTE_NAMES), false);
            case HOST_INSIDE, HOST_BETWEEN -> host();
            case TRANSFER_PAGEABLE -> copies(false, "HtoD");
            case TRANSFER_PINNED -> copies(true, "HtoD");
            case TRANSFER_BACK -> copies(chance(0.5), "DtoH");
            case TRANSFER_SERIAL -> serial();
            case SYNC_EAGER -> items(false);
            case SYNC_GRAPHS -> items(true);
            case EXPERTS_STREAMS -> streams();
            case EXPERTS_SHAPES -> shapes();
            case EXPERTS_DEVICES -> devices();
            case COMMUNICATION -> () -> collectives(trace, device, stepNs, 0);
            case RANKS -> throw new IllegalStateException();
            case HEALTHY_GRAPH -> work(pick(List.of(SMALL_NAMES, MEMORY_NAMES.get(2), COMPUTE_NAMES.get(0))), true);
            case HEALTHY_EAGER -> work(pick(List.of(SMALL_NAMES, MEMORY_NAMES.get(0))), false);
            case HEALTHY_COPY_HIDDEN -> hiddenCopy();
            case HEALTHY_COMM_HIDDEN -> hiddenCollective();
            case HEALTHY_ASYNC -> ahead();
        };
    }

    private Runnable launch(int gpus) {
        double operator = between(12_000, 60_000);
        int kernels = (int) Math.clamp(stepNs / operator, 20, 900);
        double slow = Math.max(operator, Math.min(150_000, stepNs / kernels));
        double ratio = between(0.05, 0.5);
        extra.add(kernels + " kernels per step, operators of " + Math.round(slow / 1e3) + " µs, kernels "
                + Math.round(ratio * 100) + " %");
        planted = gpus == 1 ? 1 - ratio : Double.NaN;
        int streams = chance(0.3) ? 3 : 1;
        return () -> {
            for (int i = 0; i < kernels; i++) {
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size())).operator("aten::op" + i % 7, "");
                trace.kernel(device + i % gpus, 7 + i % streams, vary(slow), vary(slow * ratio));
            }
            trace.item(device, 7, 4_000);
        };
    }

    /// A GPU that is busy throughout.
    private Runnable work(List<String> names, boolean graph) {
        int nodes = (int) Math.clamp(stepNs / between(8_000, 80_000), 8, 700);
        int streams = graph ? 1 : 1 + random.nextInt(2);
        extra.add(graph ? nodes + " nodes" : nodes + " kernels on " + streams + " streams");
        if (graph) {
            trace.nodes(names);
            boolean whole = nsys && healthy() && chance(0.3);
            return () -> {
                if (whole) {
                    trace.wholeGraph(device, 7, 9_000, vary(stepNs));
                } else {
                    trace.graph(device, 7, 9_000 + 200L * nodes, nodes, vary(stepNs / nodes));
                }
                trace.copy(device, 7, "DtoH", true, 64, 1_500).sync(device, 7);
            };
        }
        double each = Math.max(stepNs / nodes, 12_000);
        return () -> {
            for (int i = 0; i < nodes; i++) {
                trace.named(names.get(i % names.size()));
                int stream = 7 + i * streams / nodes;
                if (i > 0 && stream != 7 + (i - 1) * streams / nodes) {
                    trace.streamWaits(device, stream, stream - 1);
                }
                trace.kernel(device, stream, Math.min(9_000, vary(each * 0.6)), vary(each));
            }
            trace.sync(
                    device,
                    7 + streams - 1,
                    pick(List.of("StreamSynchronize", "DeviceSynchronize", "EventSynchronize")));
        };
    }

    private Runnable host() {
        double share = between(0.3, 0.75);
        hostNs = stepNs * share;
        planted = share;
        double rest = stepNs - hostNs;
        boolean graph = chance(0.6);
        int kernels = (int) Math.clamp(rest / 30_000, 4, 400);
        boolean python = chance(0.5);
        trace.nodes(SMALL_NAMES);
        extra.add((graph ? "graph of " : "eager ") + kernels + (python ? ", python recorded" : "") + ", host "
                + Math.round(share * 100) + " %");
        return () -> {
            if (neck == Neck.HOST_INSIDE) {
                if (python) {
                    trace.python("scheduler.py(120): schedule", vary(hostNs));
                } else {
                    trace.other(vary(hostNs));
                }
            }
            if (graph) {
                trace.graph(device, 7, 9_000, kernels, vary(rest / kernels));
            } else {
                for (int i = 0; i < kernels; i++) {
                    trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                    trace.kernel(device, 7, Math.min(9_000, vary(rest / kernels * 0.5)), vary(rest / kernels));
                }
            }
            trace.sync(device, 7);
        };
    }

    private Runnable copies(boolean pinned, String direction) {
        double share = between(0.3, 0.8);
        planted = share;
        int copies = 1 + random.nextInt(6);
        int kernels = (int) Math.clamp(stepNs * (1 - share) / 40_000, 2, 300);
        double rate = pinned ? between(20e9, 55e9) : between(3e9, 12e9);
        extra.add(copies + " copies " + direction + ", " + Math.round(share * 100) + " %");
        return () -> {
            for (int i = 0; i < copies; i++) {
                long ns = vary(stepNs * share / copies);
                trace.copy(device, 7, direction, pinned, (long) (ns * rate / 1e9), ns);
            }
            for (int i = 0; i < kernels; i++) {
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                double each = stepNs * (1 - share) / kernels;
                trace.kernel(device, 7, Math.min(9_000, vary(each * 0.5)), vary(each));
            }
            trace.sync(device, 7);
        };
    }

    private Runnable serial() {
        double share = between(0.3, 0.65);
        planted = share;
        int parts = 4 + random.nextInt(12);
        extra.add(parts + " parts, " + Math.round(share * 100) + " %");
        return () -> {
            for (int i = 0; i < parts; i++) {
                trace.streamWaits(device, 20, 7);
                long ns = vary(stepNs * share / parts);
                trace.copy(device, 20, "HtoD", true, ns * 40, ns);
                trace.streamWaits(device, 7, 20);
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                trace.kernel(device, 7, 10_000, vary(stepNs * (1 - share) / parts));
            }
            trace.sync(device, 7);
        };
    }

    private Runnable items(boolean graph) {
        double overhead = between(20_000, trace.hasOperators() && chance(0.4) ? 800_000 : 60_000);
        double kernel = overhead * between(0.5, 1.5);
        int parts = (int) Math.clamp(stepNs / (overhead + kernel), 6, 250);
        extra.add(parts + " waits, overhead " + Math.round(overhead / 1e3) + " µs, work " + Math.round(kernel / 1e3)
                + " µs");
        trace.nodes(SMALL_NAMES);
        return () -> {
            for (int i = 0; i < parts; i++) {
                if (graph) {
                    trace.graph(device, 7, vary(overhead * 0.5), 8, vary(kernel / 8));
                } else {
                    trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                    trace.kernel(device, 7, vary(overhead * 0.5), vary(kernel));
                }
                trace.item(device, 7, vary(overhead * 0.5));
            }
        };
    }

    /// Python between the layers, while the GPU has nothing to do.
    private Runnable spread() {
        double share = between(0.35, 0.7);
        int parts = (int) Math.clamp(stepNs / 400_000, 3, 60);
        planted = share;
        extra.add(parts + " pieces of host code, " + Math.round(share * 100) + " %");
        return () -> {
            for (int i = 0; i < parts; i++) {
                trace.other(vary(stepNs * share / parts));
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                double work = stepNs * (1 - share) / parts;
                trace.kernel(device, 7, 8_000, vary(work)).other(Math.max(0, Math.round(work) - 8_000));
            }
            trace.sync(device, 7);
        };
    }

    /// A wait after each kernel, without a copy.
    private Runnable waits() {
        double operator = between(20_000, 60_000);
        double kernel = operator * between(0.4, 1.5);
        int parts = (int) Math.clamp(stepNs / (operator + kernel), 6, 250);
        String call = pick(List.of("StreamSynchronize", "DeviceSynchronize", "EventSynchronize"));
        extra.add(parts + " waits in " + call + ", operator " + Math.round(operator / 1e3) + " µs, work "
                + Math.round(kernel / 1e3) + " µs");
        return () -> {
            for (int i = 0; i < parts; i++) {
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                trace.kernel(device, 7, vary(operator), vary(kernel)).sync(device, 7, call);
            }
        };
    }

    /// Experts on streams of one graph.
    private Runnable forked() {
        int streams = 2 + random.nextInt(3);
        double ratio = between(3, 16);
        planted = (1 - (1 + (streams - 1) / ratio) / streams);
        extra.add(streams + " streams, " + Math.round(ratio) + " to 1");
        trace.nodes(List.of("void fused_moe_expert_gemm_kernel<128>(int)"));
        return () -> {
            long[] each = new long[streams];
            for (int s = 0; s < streams; s++) {
                each[s] = vary(stepNs / 20 / (s == 0 ? 1 : ratio));
            }
            trace.forkedGraph(device, 20, 12_000, 20, each).sync(device, 20);
        };
    }

    /// Collectives on a stream of their own that compute waits for.
    private Runnable beside() {
        double share = between(0.35, 0.7);
        int parts = 4 + random.nextInt(20);
        String name = pick(COLLECTIVES);
        planted = share;
        extra.add(parts + " collectives, " + Math.round(share * 100) + " %");
        return () -> {
            for (int i = 0; i < parts; i++) {
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size()));
                trace.kernel(device, 7, 5_000, vary(stepNs * (1 - share) / parts))
                        .streamWaits(device, 40, 7);
                trace.named(name)
                        .kernel(device, 40, 5_000, vary(stepNs * share / parts))
                        .streamWaits(device, 7, 40);
            }
            trace.sync(device, 7);
        };
    }

    private Runnable streams() {
        int streams = 2 + random.nextInt(3);
        double ratio = between(3, 16);
        double large = stepNs / 4;
        int kernels = 6;
        planted = (1 - (1 + (streams - 1) / ratio) / streams);
        extra.add(streams + " streams, " + Math.round(ratio) + " to 1");
        return () -> {
            for (int layer = 0; layer < 4; layer++) {
                for (int s = 0; s < streams; s++) {
                    trace.streamWaits(device, 20 + s, 7);
                    for (int k = 0; k < kernels; k++) {
                        trace.named("void fused_moe_expert_gemm_kernel<128>(int)");
                        trace.kernel(device, 20 + s, 4_000, vary(large / kernels / (s == 0 ? 1 : ratio)));
                    }
                }
                for (int s = 0; s < streams; s++) {
                    trace.streamWaits(device, 7, 20 + s);
                }
            }
            trace.sync(device, 7);
        };
    }

    private Runnable shapes() {
        int experts = pick(List.of(4, 8, 16));
        int layers = 2 + random.nextInt(4);
        int hidden = pick(List.of(2048, 4096));
        int ffn = pick(List.of(1024, 5632, 14336));
        double hot = between(0.6, 0.9);
        int tokens = 256 * experts;
        extra.add(experts + " experts in " + layers + " layers, the first has " + Math.round(hot * 100) + " %");
        double large = stepNs / layers / 2 * hot;
        planted = hot - 1.0 / experts;
        return () -> {
            for (int l = 0; l < layers; l++) {
                for (int e = 0; e < experts; e++) {
                    long rows = e == 0
                            ? Math.round(tokens * hot)
                            : Math.max(1, Math.round(tokens * (1 - hot) / (experts - 1)));
                    double ns = e == 0 ? large : large / hot * (1 - hot) / (experts - 1);
                    product(rows, ffn, hidden, ns);
                    product(rows, hidden, ffn, ns);
                }
            }
            trace.sync(device, 7);
        };
    }

    private void product(long m, long n, long k, double ns) {
        trace.named("nvjet_tst_128x256_64x4_1x2_h_bz_coopA_NNT");
        trace.operator(
                "aten::mm",
                ", \"Input Dims\": [[%d, %d], [%d, %d]], \"Input type\": [\"c10::BFloat16\", \"c10::BFloat16\"]"
                        .formatted(m, k, k, n));
        trace.kernel(device, 7, 6_000, vary(ns));
    }

    private Runnable devices() {
        int devices = pick(List.of(2, 4));
        double ratio = between(3, 10);
        extra.add(devices + " GPUs, " + Math.round(ratio) + " to 1");
        planted = 1 - (1 + (devices - 1) / ratio) / devices;
        boolean graph = chance(0.5);
        int nodes = (int) Math.clamp(stepNs / 40_000, 8, 300);
        return () -> {
            for (int d = 0; d < devices; d++) {
                double work = d == 0 ? stepNs : stepNs / ratio;
                if (graph) {
                    trace.graph(d, 7, 9_000, nodes, vary(work / nodes));
                } else {
                    for (int k = 0; k < 12; k++) {
                        trace.kernel(d, 7, 4_000, vary(work / 12));
                    }
                }
            }
            for (int d = devices - 1; d >= 0; d--) {
                trace.sync(d, 7);
            }
        };
    }

    private Runnable hiddenCopy() {
        Runnable work = work(pick(List.of(SMALL_NAMES, COMPUTE_NAMES.get(0))), chance(0.5));
        double share = between(0.3, 0.9);
        extra.add("copy of " + Math.round(share * 100) + " % beside");
        return () -> {
            trace.copy(device, 30, "HtoD", true, (long) (stepNs * share * 40), vary(stepNs * share));
            work.run();
        };
    }

    private Runnable hiddenCollective() {
        int parts = 12;
        String name = pick(COLLECTIVES);
        return () -> {
            for (int i = 0; i < parts; i++) {
                trace.named(name).kernel(device, 40, 5_000, vary(stepNs / parts * 0.4));
                trace.named(SMALL_NAMES.get(i % SMALL_NAMES.size())).kernel(device, 7, 5_000, vary(stepNs / parts));
            }
            trace.sync(device, 7);
        };
    }

    /// The host is a step ahead, as asynchronous engines are.
    private Runnable ahead() {
        trace.nodes(pick(List.of(SMALL_NAMES, MEMORY_NAMES.get(1))));
        int nodes = (int) Math.clamp(stepNs / 20_000, 8, 500);
        return () -> {
            long before = trace.end(device, 7);
            trace.graph(device, 7, 9_000, nodes, vary(stepNs / nodes));
            if (trace.now() < before) {
                trace.other(0);
                waitUntil(before);
            }
        };
    }

    private void waitUntil(long ns) {
        trace.syncUntil("EventSynchronize", ns);
    }

    private void collectives(SyntheticTrace of, int gpu, double ns, long ignored) {
        int parts = 8;
        for (int i = 0; i < parts; i++) {
            of.named(SMALL_NAMES.get(i % SMALL_NAMES.size())).kernel(gpu, 7, 6_000, vary(ns * 0.4 / parts));
            of.named(COLLECTIVES.get((int) (seed % COLLECTIVES.size()))).kernel(gpu, 7, 6_000, vary(ns * 0.6 / parts));
        }
        of.sync(gpu, 7);
    }

    /// Ranks in lockstep: each computes, then a collective ends on all at once.
    private List<Path> ranked(Path folder) throws IOException {
        List<SyntheticTrace> of = new ArrayList<>(List.of(trace));
        for (int r = 1; r < ranks; r++) {
            of.add(oneFile ? trace.beside(r + 1) : new SyntheticTrace(seed + r).on(1));
        }
        double ratio = between(2.5, 8);
        String name = COLLECTIVES.get((int) (seed % COLLECTIVES.size()));
        int parts = 3 + random.nextInt(5);
        double transfer = neck == Neck.COMMUNICATION ? stepNs * 0.6 / parts : 20_000;
        double work = stepNs * (neck == Neck.COMMUNICATION ? 0.4 : 1) / parts;
        extra.add(neck == Neck.COMMUNICATION ? "" : Math.round(ratio) + " to 1");
        planted = neck == Neck.COMMUNICATION ? 0.6 : Double.NaN;
        for (int i = 0; i < STEPS; i++) {
            int number = i;
            List<Runnable> queue = new ArrayList<>();
            long[] begin = of.stream().mapToLong(SyntheticTrace::now).toArray();
            for (int p = 0; p < parts; p++) {
                long latest = 0;
                for (int r = 0; r < ranks; r++) {
                    SyntheticTrace rank = of.get(r);
                    double ns = neck == Neck.COMMUNICATION || r == 0 ? work : work / ratio;
                    int gpu = gpu(r);
                    rank.named(SMALL_NAMES.get(p % SMALL_NAMES.size())).kernel(gpu, 7, 6_000, vary(ns));
                    latest = Math.max(latest, Math.max(rank.end(gpu, 7), rank.now() + 6_500));
                }
                for (int r = 0; r < ranks; r++) {
                    of.get(r).collective(gpu(r), 7, 6_000, name, latest + vary(transfer));
                }
            }
            for (int r = 0; r < ranks; r++) {
                of.get(r).sync(gpu(r), 7);
                if (annotated) {
                    of.get(r).annotate(stepName.formatted(number + 1), begin[r]);
                }
                of.get(r).other(2_000);
            }
        }
        if (oneFile) {
            return List.of(file(trace, folder, "run"));
        }
        List<Path> files = new ArrayList<>();
        for (int r = 0; r < ranks; r++) {
            files.add(file(of.get(r), folder, "rank" + r));
        }
        return files;
    }

    private int gpu(int rank) {
        return oneFile ? rank : 0;
    }

    /// What nvidia-smi prints beside: the clock is held at two thirds.
    private Path clocks(Path folder) throws IOException {
        StringBuilder csv = new StringBuilder(
                "timestamp, index, power.draw [W], clocks.current.sm [MHz], clocks.max.sm [MHz], clocks_event_reasons.active\n");
        long every = Math.max(1_000_000, trace.now() / 60);
        for (long t = 0; t < trace.now(); t += every) {
            long ms = 1_700_000_000_000L + t / 1_000_000;
            ZonedDateTime at = Instant.ofEpochMilli(ms).atZone(ZoneId.systemDefault());
            csv.append(DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSS", Locale.ROOT)
                            .format(at))
                    .append(", ")
                    .append(device)
                    .append(", 640.12 W, ")
                    .append(1_250 + random.nextInt(40))
                    .append(" MHz, 1980 MHz, 0x0000000000000004\n");
        }
        return Files.writeString(folder.resolve("nvidia-smi.csv"), csv.toString());
    }
}
