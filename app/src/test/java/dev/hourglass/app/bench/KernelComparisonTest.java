package dev.hourglass.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KernelComparisonTest {
    private static Measured.Row row(String axes, double median, double half, double floor) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("op", "gemm");
        values.put("axes", axes);
        values.put("dtype", "fp32");
        values.put("device", "cpu");
        values.put("cache", "hot");
        values.put("median", median);
        values.put("ci95_low", half == 0 ? null : median - half);
        values.put("ci95_high", half == 0 ? null : median + half);
        values.put("noise_floor", floor);
        values.put("n", 100L);
        return new Measured.Row(values);
    }

    @Test
    void intervalsAndTheNoiseFloorDecide() {
        KernelComparison comparison = KernelComparison.of(
                List.of(
                        row("M=1", 100, 1, 0.002),
                        row("M=2", 100, 1, 0.002),
                        row("M=3", 100, 1, 0.002),
                        row("M=4", 100, 8, 0.002),
                        row("M=5", 100, 1, 0.06),
                        row("M=6", 100, 0, 0.002),
                        row("M=7", 100, 1, 0.002)),
                List.of(
                        row("M=1", 104, 1, 0.002),
                        row("M=2", 96, 1, 0.002),
                        row("M=3", 100.3, 1, 0.002),
                        row("M=4", 104, 8, 0.002),
                        row("M=5", 104, 1, 0.002),
                        row("M=6", 200, 1, 0.002),
                        row("M=8", 100, 1, 0.002)));

        assertThat(comparison.pairs())
                .extracting(KernelComparison.Pair::verdict)
                .containsExactly("SLOWER", "FASTER", "SAME", "UNCLEAR", "SAME", "UNCLEAR");
        assertThat(comparison.slower()).isTrue();
        assertThat(comparison.onlyBase()).containsExactly("gemm M=7 fp32 hot cpu");
        assertThat(comparison.onlyCandidate()).containsExactly("gemm M=8 fp32 hot cpu");
    }

    @Test
    void runsAreTheSameAsThemselves() {
        List<Measured.Row> rows = List.of(row("M=1", 100, 1, 0), row("M=2", 5, 0.05, 0));

        assertThat(KernelComparison.of(rows, rows).pairs())
                .extracting(KernelComparison.Pair::verdict)
                .containsOnly("SAME");
        assertThat(KernelComparison.of(rows, rows).slower()).isFalse();
    }
}
