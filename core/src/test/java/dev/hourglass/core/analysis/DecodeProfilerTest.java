package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodeProfilerTest {
    @TempDir
    private Path directory;

    @Test
    void latencyIsThatOfThePlantedTokens() {
        Distribution t = moe().tToken();
        assertThat(t.n()).isEqualTo(4);
        assertThat(t.mean()).isEqualTo(1015.0, within(1e-9));
        // Sample standard deviation of 1000, 1010, 1020, 1030.
        assertThat(t.stddev()).isEqualTo(Math.sqrt(500.0 / 3), within(1e-9));
        assertThat(t.p50()).isEqualTo(1015.0, within(1e-9));
        assertThat(t.max()).isEqualTo(1030.0);
    }

    @Test
    void exclusivePartsAndRemainderAddUpToEachToken() {
        for (DecodeProfile.TokenTime token : moe().tokens()) {
            double sum = token.componentUs().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            assertThat(sum).isEqualTo(token.us(), within(1e-6));
        }
    }

    @Test
    void exclusiveMeansAddUpToMeanLatency() {
        DecodeProfile profile = moe();
        double sum = profile.components().stream()
                .filter(c -> c.exclusive())
                .flatMap(c -> c.time().stream())
                .mapToDouble(Distribution::mean)
                .sum();
        assertThat(sum).isEqualTo(profile.tToken().mean(), within(1e-6));
    }

    @Test
    void componentsCarryThePlantedTimes() {
        DecodeProfile profile = moe();
        assertThat(mean(profile, Component.T_CPU_COMPUTATION)).isEqualTo(600);
        assertThat(mean(profile, Component.T_ROUTING)).isEqualTo(100);
        assertThat(mean(profile, Component.ATTENTION)).isEqualTo(200);
        assertThat(mean(profile, Component.REMAINDER)).isEqualTo(115, within(1e-9));
        assertThat(profile.neck().component()).isEqualTo(Component.T_CPU_COMPUTATION);
    }

    @Test
    void synchronisationIsTheMeanWaitOfTheThreads() {
        assertThat(mean(moe(), Component.T_SYNC)).isEqualTo(50);
    }

    @Test
    void whatWasNotMeasuredHasAReasonAndNoNumber() {
        DecodeProfile.ComponentTime pcie = component(moe(), Component.T_PCIE_TRANSFER);
        assertThat(pcie.time()).isEmpty();
        assertThat(pcie.share()).isEmpty();
        assertThat(pcie.absence()).isNotNull();
        assertThat(pcie.absence().reason()).isEqualTo("no GPU takes part");
    }

    @Test
    void overheadOfAConstantRatioIsThatRatio() {
        DecodeProfile.Overhead overhead = moe().overhead().orElseThrow();
        assertThat(overhead.pairs()).isEqualTo(4);
        assertThat(overhead.percent()).isEqualTo(1.0, within(1e-3));
        assertThat(overhead.low()).isLessThanOrEqualTo(overhead.percent());
        assertThat(overhead.high()).isGreaterThanOrEqualTo(overhead.percent());
    }

    @Test
    void expertsAreCountedPerLayer() {
        DecodeProfile.ExpertActivity experts = moe().experts().orElseThrow();
        assertThat(experts.layers()).hasSize(2);
        assertThat(experts.layers().getFirst().counts()).containsExactly(2L, 2L, 2L, 2L);
        assertThat(experts.imbalance()).isEqualTo(1.0, within(1e-9));
        assertThat(experts.topK()).isEqualTo(2);
    }

    @Test
    void achievedBandwidthIsPlantedBytesOverPlantedTime() {
        DecodeProfile.MemoryBound bound = moe().bound().orElseThrow();
        // 2 layers × 3 MB in 600 µs.
        assertThat(bound.expertBytesPerSecond()).isEqualTo(10e9, within(1.0));
        assertThat(bound.ratio()).isEqualTo(0.5, within(1e-9));
        assertThat(bound.verdict()).isEqualTo("mixed");
    }

    @Test
    void fullDepthAddsTheMissingLayersAtTheirMean() {
        DecodeProfile.FullDepth depth = moe().fullDepth().orElseThrow();
        // 4 missing layers of 450 µs.
        assertThat(depth.us()).isEqualTo(1015 + 4 * 450, within(1e-6));
        assertThat(depth.lowUs()).isEqualTo(depth.us(), within(1e-6));
        double sum = depth.componentUs().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        assertThat(sum).isEqualTo(depth.us(), within(1e-6));
    }

    @Test
    void sevenQuestionsAreAnsweredInOrder() {
        Explanation explained = explained();
        assertThat(explained.questions())
                .extracting(Answer::id)
                .containsExactly("q1", "q2", "q3", "q4", "q5", "q6", "q7");
        assertThat(explained.questions().get(0).answer()).contains("1.02 ms").contains("12.9 µs");
        assertThat(explained.questions().get(1).answer())
                .contains("T_cpu_computation")
                .contains("59.1 %");
        assertThat(explained.questions().get(2).status()).isEqualTo(Answer.Status.NOT_MEASURED);
        assertThat(explained.questions().get(2).answer()).contains("no GPU takes part");
    }

    @Test
    void aSessionWithoutTokensIsNoDecodeRun() {
        try (TraceStore store = TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)) {
            Views.create(store);
        }
        try (Session session = Session.open(directory)) {
            assertThat(DecodeProfiler.profile(session, SessionFacts.of(session)))
                    .isEmpty();
        }
    }

    private DecodeProfile moe() {
        return explained().decode().orElseThrow();
    }

    private Explanation explained() {
        try (Session session = PlantedRun.moe(directory)) {
            return Explainer.explain(session);
        }
    }

    private static DecodeProfile.ComponentTime component(DecodeProfile profile, Component wanted) {
        return profile.components().stream()
                .filter(c -> c.component() == wanted)
                .findFirst()
                .orElseThrow();
    }

    private static double mean(DecodeProfile profile, Component wanted) {
        return component(profile, wanted).time().orElseThrow().mean();
    }
}
