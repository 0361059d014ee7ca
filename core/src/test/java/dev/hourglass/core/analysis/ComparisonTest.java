package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
    @Test
    void attributionAddsUpToTheDifference() {
        RunSamples base = new RunSamples(
                "base",
                "decode",
                List.of(10.0, 12.0, 11.0, 13.0),
                Map.of("a", List.of(4.0, 5.0, 5.0, 6.0), "b", List.of(6.0, 7.0, 6.0, 7.0)),
                Map.of("k", new RunSamples.KernelUse(2, 5), "gone", new RunSamples.KernelUse(1, 1)));
        RunSamples candidate = new RunSamples(
                "candidate",
                "decode",
                List.of(14.0, 15.0, 16.0, 15.0),
                Map.of("a", List.of(4.0, 5.0, 5.0, 6.0), "c", List.of(10.0, 10.0, 11.0, 9.0)),
                Map.of("k", new RunSamples.KernelUse(2, 9), "new", new RunSamples.KernelUse(1, 1)));
        Comparison comparison = Comparison.of(base, candidate);
        assertThat(comparison.attribution().stream()
                        .mapToDouble(Comparison.Share::deltaUs)
                        .sum())
                .isCloseTo(comparison.metric("t_token.mean").orElseThrow().delta(), within(1e-9));
        assertThat(comparison.kernels().appeared())
                .extracting(KernelChanges.Change::name)
                .containsExactly("new");
        assertThat(comparison.kernels().vanished())
                .extracting(KernelChanges.Change::name)
                .containsExactly("gone");
        assertThat(comparison.kernels().changed())
                .extracting(KernelChanges.Change::name)
                .containsExactly("k");
        assertThat(Limit.parse("t_token.mean > +3%").met(comparison)).isTrue();
        assertThat(Limit.parse("t_token.mean > +3.6us").met(comparison)).isFalse();
        assertThat(Limit.parse("t_token.p50 <= 15").met(comparison)).isTrue();
        assertThatThrownBy(() -> Limit.parse("t_token.p51 > 1").met(comparison)).hasMessageContaining("t_token.p50");
        assertThatThrownBy(() -> Limit.parse("slower")).hasMessageContaining("not a condition");
    }

    /// A session tells short names apart by what its own kernels differ in; side by side they are told apart anew.
    @Test
    void kernelsAreLinedUpByTheirWholeNames() {
        RunSamples.KernelUse use = new RunSamples.KernelUse(1, 5);
        RunSamples base = withKernels(Map.of("flash_fwd", use), Map.of("flash_fwd", "void flash_fwd<64, true>(int)"));
        RunSamples candidate = withKernels(
                Map.of("flash_fwd [true]", use, "flash_fwd [false]", use),
                Map.of(
                        "flash_fwd [true]", "void flash_fwd<64, true>(int)",
                        "flash_fwd [false]", "void flash_fwd<64, false>(int)"));
        KernelChanges changes = Comparison.of(base, candidate).kernels();
        assertThat(changes.vanished()).isEmpty();
        assertThat(changes.appeared()).extracting(KernelChanges.Change::name).containsExactly("flash_fwd [false]");
        KernelChanges back = Comparison.of(candidate, base).kernels();
        assertThat(back.appeared()).isEmpty();
        assertThat(back.vanished()).extracting(KernelChanges.Change::name).containsExactly("flash_fwd [false]");
    }

    /// A baseline of an earlier build has no whole names: then short ones stand for them on both sides.
    @Test
    void withoutWholeNamesShortOnesAreLinedUp() {
        RunSamples.KernelUse use = new RunSamples.KernelUse(1, 5);
        RunSamples old = withKernels(Map.of("gemm", use), Map.of());
        RunSamples now = withKernels(Map.of("gemm", use), Map.of("gemm", "void gemm<float>(int)"));
        assertThat(Comparison.of(old, now).kernels().appeared()).isEmpty();
        assertThat(Comparison.of(old, now).kernels().vanished()).isEmpty();
    }

    private static RunSamples withKernels(Map<String, RunSamples.KernelUse> kernels, Map<String, String> full) {
        List<RunSamples.Step> steps =
                List.of(RunSamples.Step.of(10), RunSamples.Step.of(12), RunSamples.Step.of(11), RunSamples.Step.of(13));
        return new RunSamples("run", "decode", steps, Map.of(), kernels, full, List.of());
    }

    /// The tokens of all steps over the time of all: 4 + 8 tokens in 100 + 300 µs, and 8 + 8 in 200 + 200.
    @Test
    void throughputIsOfAllTokensOverAllTime() {
        RunSamples base = withSteps(new RunSamples.Step(100, 90, 4, 4), new RunSamples.Step(300, 250, 8, 8));
        RunSamples candidate = withSteps(new RunSamples.Step(200, 150, 8, 8), new RunSamples.Step(200, 150, 8, 8));
        Comparison comparison = Comparison.of(base, candidate);
        Comparison.Metric throughput = comparison.metric("throughput.mean").orElseThrow();
        assertThat(throughput.base()).isCloseTo(12 / 400e-6, within(1e-6));
        assertThat(throughput.candidate()).isCloseTo(16 / 400e-6, within(1e-6));
        assertThat(comparison.metric("latency.mean").orElseThrow().base()).isEqualTo(170);
        assertThat(comparison.metric("between.mean").orElseThrow().base()).isEqualTo(30);
        assertThat(comparison.metric("batch.mean").orElseThrow().base()).isEqualTo(6);
        assertThat(comparison.differences()).contains(new RunDifference(RunFact.Kind.WORK, "batch", "6", "8"));
    }

    private static RunSamples withSteps(RunSamples.Step... steps) {
        return new RunSamples("run", "decode", List.of(steps), Map.of(), Map.of(), Map.of(), List.of());
    }
}
