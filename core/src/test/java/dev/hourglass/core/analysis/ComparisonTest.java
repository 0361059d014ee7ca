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
                .extracting(Comparison.Change::name)
                .containsExactly("new");
        assertThat(comparison.kernels().vanished())
                .extracting(Comparison.Change::name)
                .containsExactly("gone");
        assertThat(comparison.kernels().changed())
                .extracting(Comparison.Change::name)
                .containsExactly("k");
        assertThat(Limit.parse("t_token.mean > +3%").met(comparison)).isTrue();
        assertThat(Limit.parse("t_token.mean > +3.6us").met(comparison)).isFalse();
        assertThat(Limit.parse("t_token.p50 <= 15").met(comparison)).isTrue();
        assertThatThrownBy(() -> Limit.parse("t_token.p51 > 1").met(comparison)).hasMessageContaining("t_token.p50");
        assertThatThrownBy(() -> Limit.parse("slower")).hasMessageContaining("not a condition");
    }
}
