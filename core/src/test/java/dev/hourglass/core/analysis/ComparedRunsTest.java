package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.Comparison.Metric;
import dev.hourglass.core.analysis.Comparison.Share;
import dev.hourglass.core.analysis.KernelChanges.Change;
import dev.hourglass.core.analysis.RunSamples.KernelUse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two runs of a hand's numbers beside each other, and conditions on them on both sides of each bound.
class ComparedRunsTest {
    /// Means 1000 and 1100 µs: a grew by 30 µs, b shrank by 80, c is new with 150, d is gone with 0.
    private final Comparison compared = Comparison.of(
            new RunSamples(
                    "before",
                    "decode",
                    List.of(800.0, 900.0, 1300.0, 1000.0),
                    Map.of(
                            "a", List.of(100.0, 120.0, 140.0, 160.0),
                            "b", List.of(500.0, 500.0, 500.0, 500.0),
                            "d", List.of(0.0, 0.0, 0.0, 0.0)),
                    kernels(Map.of(
                            "steady", new KernelUse(2, 50),
                            "tenth", new KernelUse(2, 100),
                            "more", new KernelUse(2, 100),
                            "less", new KernelUse(2, 100),
                            "small", new KernelUse(1, 10),
                            "little", new KernelUse(1, 10),
                            "gone", new KernelUse(1, 3),
                            "left", new KernelUse(1, 7)))),
            new RunSamples(
                    "after",
                    "decode 2",
                    List.of(900.0, 1000.0, 1400.0, 1100.0, 1100.0),
                    Map.of(
                            "a", List.of(140.0, 160.0, 160.0, 180.0, 160.0),
                            "b", List.of(420.0, 420.0, 420.0, 420.0, 420.0),
                            "c", List.of(150.0, 150.0, 150.0, 150.0, 150.0)),
                    kernels(Map.of(
                            "steady", new KernelUse(2, 50),
                            "tenth", new KernelUse(2, 110),
                            "more", new KernelUse(2, 111),
                            "less", new KernelUse(2, 60),
                            "small", new KernelUse(1, 15),
                            "little", new KernelUse(1, 15.5),
                            "new", new KernelUse(1, 3),
                            "newer", new KernelUse(1, 9)))));

    private static Map<String, KernelUse> kernels(Map<String, KernelUse> uses) {
        return new LinkedHashMap<>(uses);
    }

    private Metric metric(String name) {
        return compared.metric(name).orElseThrow();
    }

    @Test
    void namesWhatIsCompared() {
        assertThat(compared.base()).isEqualTo("before");
        assertThat(compared.candidate()).isEqualTo("after");
        assertThat(compared.baseStage()).isEqualTo("decode");
        assertThat(compared.stage()).isEqualTo("decode 2");
        assertThat(compared.steps()).isEqualTo(new Comparison.Count(4, 5));
        assertThat(compared.metrics())
                .extracting(Metric::name)
                .containsExactly(
                        "t_token.mean",
                        "t_token.p50",
                        "t_token.p90",
                        "t_token.p99",
                        "a.mean",
                        "b.mean",
                        "c.mean",
                        "d.mean",
                        "throughput.mean",
                        "tokens_per_step.mean",
                        "batch.mean");
        assertThat(compared.metric("e.mean")).isEmpty();
    }

    @Test
    void figuresAreThoseOfTheirStatistic() {
        assertThat(metric("t_token.mean").base()).isEqualTo(1000);
        assertThat(metric("t_token.mean").candidate()).isEqualTo(1100);
        assertThat(metric("t_token.mean").delta()).isEqualTo(100);
        assertThat(metric("t_token.mean").ratio()).isEqualTo(0.1);
        assertThat(metric("t_token.p50").base()).isEqualTo(950);
        assertThat(metric("t_token.p90").base()).isCloseTo(1000 + 0.7 * 300, within(1e-9));
        assertThat(metric("t_token.p99").base()).isCloseTo(1000 + 0.97 * 300, within(1e-9));
    }

    @Test
    void whatOneRunLacksIsNotMeasuredThere() {
        assertThat(metric("c.mean").base()).isNaN();
        assertThat(metric("c.mean").candidate()).isEqualTo(150);
        assertThat(metric("c.mean").inBoth()).isFalse();
        assertThat(metric("d.mean").candidate()).isNaN();
        assertThat(metric("d.mean").base()).isZero();
        assertThat(metric("d.mean").inBoth()).isFalse();
        assertThat(metric("a.mean").inBoth()).isTrue();
        assertThat(metric("c.mean").shift().low()).isNaN();
    }

    @Test
    void theLargestShareComesFirst() {
        assertThat(compared.attribution())
                .containsExactly(
                        new Share("c", 150, 150),
                        new Share("b", -80, 420),
                        new Share("a", 30, 160),
                        new Share("d", 0, 0));
    }

    /// A kernel changed where it moved by more than 5 µs, 0.5 % of a step, and more than a tenth of its own time.
    @Test
    void kernelsThatAppearedVanishedAndChanged() {
        assertThat(compared.kernels().appeared()).extracting(Change::name).containsExactly("newer", "new");
        assertThat(compared.kernels().vanished()).extracting(Change::name).containsExactly("left", "gone");
        assertThat(compared.kernels().changed()).extracting(Change::name).containsExactly("less", "more", "little");
        assertThat(compared.kernels().changed()).extracting(Change::deltaUs).containsExactly(-40.0, 11.0, 5.5);
        assertThat(compared.kernels().appeared().getFirst().base()).isEqualTo(new KernelUse(0, 0));
        assertThat(compared.kernels().vanished().getFirst().candidate()).isEqualTo(new KernelUse(0, 0));
    }

    @Test
    void nothingToNothingIsNoChange() {
        assertThat(new Metric("x", 0, 0, metric("a.mean").shift()).ratio()).isZero();
        assertThat(new Metric("x", 0, 1, metric("a.mean").shift()).ratio()).isInfinite();
    }

    @ParameterizedTest
    @CsvSource({
        "t_token.mean > +10%, false",
        "t_token.mean >= +10%, true",
        "t_token.mean > +9.9%, true",
        "t_token.mean < +10%, false",
        "t_token.mean <= +10%, true",
        "t_token.mean < 10.1%, true",
        "b.mean < -15%, true",
        "b.mean < -16%, false",
        "b.mean <= - 80us, true",
        "b.mean < -80 us, false",
        "t_token.mean > +99, true",
        "t_token.mean > +100, false",
        "t_token.mean > +100000 ns, false",
        "t_token.mean > +99999 ns, true",
        "t_token.mean > +0.0999 ms, true",
        "t_token.mean > 1099, true",
        "t_token.mean > 1100 us, false",
        "t_token.mean >= 1100 µs, true",
        "t_token.mean >= 1.1 ms, true",
        "t_token.mean < 0.0011 s, false",
        "t_token.mean <= 0.0011 s, true",
        "c.mean >= 150, true",
    })
    void aConditionHoldsOrNot(String condition, boolean met) {
        assertThat(Limit.parse(condition).met(compared)).isEqualTo(met);
    }

    @Test
    void aConditionKeepsItsText() {
        Limit limit = Limit.parse(" t_token.p99  >= -2.5 ms ");
        assertThat(limit)
                .isEqualTo(new Limit("t_token.p99  >= -2.5 ms", "t_token.p99", ">=", Limit.Kind.CHANGE, -2500));
        assertThat(Limit.parse("a.mean>3%").kind()).isEqualTo(Limit.Kind.RELATIVE);
        assertThat(Limit.parse("a.mean>3").kind()).isEqualTo(Limit.Kind.VALUE);
    }

    @Test
    void whatCannotBeHeldIsSaid() {
        assertThatThrownBy(() -> Limit.parse("d.mean > 1").met(compared))
                .hasMessage("d.mean was not measured in after");
        assertThatThrownBy(() -> Limit.parse("c.mean > +1").met(compared))
                .hasMessageStartingWith("c.mean was not measured in before, so its change is not known");
        assertThatThrownBy(() -> Limit.parse("c.mean > 1%").met(compared))
                .hasMessageStartingWith("c.mean was not measured in before");
        assertThatThrownBy(() -> Limit.parse("e.mean > 1").met(compared))
                .hasMessage("no metric e.mean; there are t_token.mean, t_token.p50, t_token.p90, t_token.p99, a.mean,"
                        + " b.mean, c.mean, d.mean, throughput.mean, tokens_per_step.mean, batch.mean");
        assertThatThrownBy(() -> Limit.parse("a.mean > 1 year")).hasMessageStartingWith("not a condition: a.mean > 1");
    }
}
