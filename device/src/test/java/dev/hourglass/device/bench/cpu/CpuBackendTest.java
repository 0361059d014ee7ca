package dev.hourglass.device.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operator of the processor at small odd shapes, against double precision and hand-made counts.
class CpuBackendTest {
    private static final CpuBackend BACKEND = new CpuBackend();

    @BeforeAll
    static void thereIsSomething() {
        assertThat(BACKEND.offers()).hasSizeGreaterThanOrEqualTo(13);
    }

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    /// Shapes that no loop divides evenly, with FLOP and bytes by hand.
    static Stream<Arguments> shapes() {
        return Stream.of(
                new Arguments(
                        "gemm",
                        Map.of("M", 7L, "N", 33L, "K", 19L),
                        2.0 * 7 * 33 * 19,
                        4.0 * (7 * 19 + 19 * 33 + 7 * 33)),
                new Arguments(
                        "gemm",
                        Map.of("M", 1L, "N", 2100L, "K", 300L),
                        2.0 * 2100 * 300,
                        4.0 * (300 + 300 * 2100 + 2100)),
                new Arguments("softmax", Map.of("T", 5L, "N", 70L), 5.0 * 5 * 70, 8.0 * 5 * 70),
                new Arguments("rmsnorm", Map.of("T", 5L, "H", 70L), 4.0 * 5 * 70, 4.0 * (2 * 5 * 70 + 70)),
                new Arguments(
                        "layernorm_gelu", Map.of("T", 3L, "H", 131L), 16.0 * 3 * 131, 4.0 * (2 * 3 * 131 + 2 * 131)),
                new Arguments("silu_mul", Map.of("T", 3L, "I", 65L), 5.0 * 3 * 65, 12.0 * 3 * 65),
                new Arguments(
                        "rope", Map.of("T", 9L, "h", 3L, "d", 6L), 3.0 * 9 * 3 * 6, 8.0 * 9 * 3 * 6 + 4.0 * 9 * 6),
                new Arguments("embedding", Map.of("T", 6L, "H", 17L, "V", 40L), 0, 8.0 * 6 * 17 + 4 * 6),
                new Arguments(
                        "attention_prefill",
                        Map.of("B", 2L, "S", 13L, "hq", 4L, "hkv", 2L, "d", 10L),
                        4.0 * 4 * 10 * 2 * 13 * 14 / 2,
                        2.0 * 4 * 10 * (2 * 2 * 13 + 2 * 4 * 13)),
                new Arguments(
                        "attention_decode",
                        Map.of("B", 2L, "L", 37L, "hq", 4L, "hkv", 2L, "d", 10L),
                        4.0 * 4 * 10 * 2 * 37,
                        2.0 * 4 * 10 * (2 * 2 * 37 + 2 * 4)),
                new Arguments(
                        "conv2d",
                        Map.of("N", 2L, "C", 3L, "H", 9L, "W", 11L, "K", 5L, "R", 3L, "S", 2L),
                        2.0 * 2 * 5 * 7 * 10 * 3 * 6,
                        4.0 * (2 * 3 * 9 * 11 + 5 * 3 * 6 + 2 * 5 * 7 * 10)),
                new Arguments(
                        "lstm",
                        Map.of("T", 4L, "B", 3L, "I", 7L, "H", 9L),
                        4.0 * 3 * (8 * 9 * (7 + 9) + 25 * 9),
                        4.0 * (4 * 4 * 9 * (7 + 9 + 1) + 4 * 3 * (7 + 9))),
                new Arguments("memcpy", Map.of("bytes", 3L << 20), 0, 6.0 * (1 << 20)));
    }

    record Arguments(String op, Map<String, Long> axes, double flops, double bytes) {}

    @ParameterizedTest
    @MethodSource("shapes")
    void computeTheRightThingAndCountWhatTheyDo(Arguments shape) {
        for (Work.Cache cache : Work.Cache.values()) {
            try (Timed timed = BACKEND.prepare(shape.op, shape.axes, "fp32", cache)) {
                assertThat(timed.check()).as(shape.toString()).isInstanceOf(Check.Right.class);
                assertThat(timed.work().flops()).isEqualTo(shape.flops);
                assertThat(timed.work().bytes()).isEqualTo(shape.bytes);
                assertThat(timed.work().cache()).isEqualTo(cache);
                assertThat(timed.sample().ns()).isPositive();
            }
        }
    }

    @Test
    void expertsCountTheDistinctOnesThatAreTouched() {
        Map<String, Long> axes = Map.of("T", 5L, "E", 4L, "k", 4L, "H", 12L, "I", 10L);
        try (Timed timed = BACKEND.prepare("moe", axes, "fp32", Work.Cache.HOT)) {
            assertThat(timed.check()).isInstanceOf(Check.Right.class);
            assertThat(timed.work().flops()).isEqualTo(6.0 * 5 * 4 * 12 * 10);
            assertThat(timed.work().bytes()).isEqualTo(4.0 * (3 * 4 * 12 * 10 + 5 * 4 * (2 * 12 + 3 * 10)));
        }
    }

    /// A kernel that does nothing leaves the poison, and one whose inputs are zeros leaves no size.
    @Test
    void aBrokenKernelIsWrong() {
        CpuOperator good = OperatorList.all().entrySet().stream()
                .filter(entry -> entry.getKey().op().equals("softmax"))
                .map(entry -> entry.getValue().apply(new Axes(Map.of("T", 4L, "N", 8L), 1 << 20)))
                .findFirst()
                .orElseThrow();
        good.poison();
        assertThat(Check.of(Arithmetic.frobenius(good.outputs(), good.reference()), 1e-5))
                .isInstanceOf(Check.Wrong.class);
        good.run(0, 2);
        assertThat(Check.of(Arithmetic.frobenius(good.outputs(), good.reference()), 1e-5))
                .isInstanceOf(Check.Wrong.class);
        good.run(1, 2);
        assertThat(Check.of(Arithmetic.frobenius(good.outputs(), good.reference()), 1e-5))
                .isInstanceOf(Check.Right.class);
        double[] zeros = new double[8];
        assertThat(Check.of(Arithmetic.frobenius(zeros, zeros), 1e-5)).isInstanceOf(Check.Wrong.class);
    }

    @Test
    void inputsAreRandom() {
        float[][] random = new Axes(Map.of(), 1 << 20).random(2, 1000, 1);

        assertThat(Arrays.equals(random[0], random[1])).isFalse();
        double[] all = new double[1000];
        Arrays.setAll(all, i -> random[0][i] * random[0][i]);
        assertThat(Arrays.stream(all).average().orElse(0)).isBetween(0.8, 1.2);
    }

    @Test
    void shapesThatCannotBeAreRefusedInOneLine() {
        refused("rope", Map.of("d", 7L), "d is a multiple of 2, not 7");
        refused("moe", Map.of("E", 2L, "k", 3L), "k is at most E");
        refused("conv2d", Map.of("H", 2L, "R", 3L), "larger than an image");
        refused("gemm", Map.of("X", 1L), "gemm has the axes M, N, K, not X");
        refused("gemm", Map.of("M", 0L), "above 0");
        refused("gemm", Map.of("M", 400_000L, "N", 400_000L), "takes more than");
        assertThatThrownBy(() -> BACKEND.prepare("gemm", Map.of(), "fp4", Work.Cache.HOT))
                .isInstanceOf(ImpossibleShapeException.class)
                .hasMessageContaining("fp32");
    }

    private static void refused(String op, Map<String, Long> axes, String why) {
        assertThatThrownBy(() -> BACKEND.prepare(op, axes, "fp32", Work.Cache.HOT))
                .isInstanceOf(ImpossibleShapeException.class)
                .hasMessageContaining(why);
    }

    @Test
    void everyOfferCanBePreparedAsItStands() {
        List<String> ops = BACKEND.offers().stream().map(Backend.Offer::op).toList();

        assertThat(ops).doesNotHaveDuplicates().contains("gemm", "attention_decode", "moe", "conv2d", "lstm", "memcpy");
        assertThat(BACKEND.levels()).isNotEmpty();
        assertThat(BACKEND.validFor()).isEqualTo(CpuBackend.validity());
    }
}
