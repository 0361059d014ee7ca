package dev.hourglass.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.cost.ModelAssessment.Phase;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Parallel;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.checkpoint.ModelReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// What is asked of a model as a whole is what a hand computes from its configuration.
class ModelAssessmentTest {
    private static Model model(String name) {
        return ModelReader.read(Path.of("..", "benchmarks", "model-oracle", "configs", name + ".json"));
    }

    private static ModelAssessment of(String name, ModelUse use) {
        return new ModelAssessment(model(name), use, Optional.empty());
    }

    /// Two vectors of 8 heads × 128 in each of 32 layers.
    @Test
    void keysAndValuesOfLlama() {
        ModelAssessment llama = of("llama-3.1-8b", ModelUse.of(1000, 2000, 3));
        assertThat(llama.cacheElementsPerToken()).isEqualTo(65536);
        assertThat(llama.cacheBytesPerToken()).isEqualTo(131072);
        assertThat(llama.cacheElementsAfterPrefill()).isEqualTo(3L * 1000 * 65536);
        assertThat(llama.fixedStateElements()).isZero();
    }

    /// Per layer a state of 3072 × 128, and 4 of each of 3072 + 2 × 128 channels.
    @Test
    void statesOfMambaDoNotGrow() {
        ModelAssessment mamba = of("mamba2-780m", ModelUse.of(1000, 2000, 3));
        long states = 48L * (3072 * 128 + 4 * (3072 + 2 * 128));
        assertThat(mamba.cacheElementsPerToken()).isZero();
        assertThat(mamba.fixedStateElements()).isEqualTo(states);
        assertThat(mamba.cacheElementsAfterPrefill()).isEqualTo(3 * states);
    }

    /// A head of 128256 × 4096 for each of 1000 positions of 3 sequences, or for the last of each.
    @Test
    void logitsOfAllPositionsCostAHeadEach() {
        ModelAssessment llama = of("llama-3.1-8b", ModelUse.of(1000, 2000, 3));
        long last = llama.prefill(Convention.SERVING, false).total();
        long all = llama.prefill(Convention.SERVING, true).total();
        assertThat(all - last).isEqualTo(2L * 128256 * 4096 * 3 * 999);
        assertThat(llama.decode(Convention.SERVING).byGroup().get("lm_head")).isEqualTo(2L * 128256 * 4096 * 3);
    }

    @Test
    void aStepOfEachPhaseHasItsOwnCosts() {
        ModelAssessment llama = of("llama-3.1-8b", ModelUse.of(1000, 2000, 3));
        for (Phase phase : Phase.values()) {
            long flops = llama.costs(phase).stream()
                    .mapToLong(cost -> cost.flops(Convention.SERVING))
                    .sum();
            long asked = phase == Phase.DECODE
                    ? llama.decode(Convention.SERVING).total()
                    : llama.prefill(Convention.SERVING, false).total();
            assertThat(flops).isEqualTo(asked);
            assertThat(llama.costsPerDevice(phase)).hasSameSizeAs(llama.costs(phase));
        }
        assertThat(llama.time(Phase.DECODE)).isEmpty();
    }

    /// 8 experts of which each token chooses 2: n tokens leave each untouched with (6/8)ⁿ.
    @Test
    void expertsThatAStepTouches() {
        ModelUse use = ModelUse.of(2, 100, 3);
        assertThat(of("mixtral-8x7b", use).expertsTouched(Phase.DECODE).getAsDouble())
                .isCloseTo(8 * (1 - Math.pow(0.75, 3)), within(1e-9));
        assertThat(of("mixtral-8x7b", use).expertsTouched(Phase.PREFILL).getAsDouble())
                .isCloseTo(8 * (1 - Math.pow(0.75, 6)), within(1e-9));
        ModelUse measured =
                new ModelUse(2, 100, 3, Parallel.NONE, Optional.empty(), Optional.empty(), OptionalDouble.of(3.5));
        assertThat(of("mixtral-8x7b", measured).expertsTouched(Phase.DECODE)).hasValue(3.5);
        assertThat(of("mixtral-8x7b", measured).expertsTouched(Phase.PREFILL).getAsDouble())
                .isCloseTo(8 * (1 - Math.pow(0.75, 6)), within(1e-9));
        assertThat(of("llama-3.1-8b", use).expertsTouched(Phase.DECODE)).isEmpty();
    }

    /// An encoder of 30 s of audio has one size; an image of 640 × 320 has 40 × 20 patches of 16 pixels.
    @Test
    void towersReadOneInput() {
        ModelUse use = ModelUse.of(8, 8, 1);
        assertThat(of("llama-3.1-8b", use).tower(Convention.SERVING)).isEmpty();
        ModelAssessment whisper = of("whisper-large-v3", use);
        assertThat(whisper.towerTokens(whisper.model().tower().orElseThrow())).contains(1500L);
        assertThat(whisper.tower(Convention.SERVING).orElseThrow().total()).isPositive();

        ModelAssessment unseen = of("qwen3-vl-4b", use);
        assertThat(unseen.towerTokens(unseen.model().tower().orElseThrow())).isEmpty();
        assertThat(unseen.tower(Convention.SERVING)).isEmpty();
        ModelAssessment seen = of(
                "qwen3-vl-4b",
                new ModelUse(
                        8,
                        8,
                        1,
                        Parallel.NONE,
                        Optional.empty(),
                        Optional.of(new Tower.Image(640, 320)),
                        OptionalDouble.empty()));
        assertThat(seen.towerTokens(seen.model().tower().orElseThrow())).contains(40L * 20);
        assertThat(seen.tower(Convention.SERVING)).isPresent();
    }

    @Test
    void whatFitsIsTheMostThatDoesNotExceedTheMemory() {
        DeviceSpec device = DeviceTable.find("h100-sxm").orElseThrow();
        Model llama = model("llama-3.1-8b");
        ModelUse use = ModelUse.of(1000, 2000, 3);
        ModelAssessment assessment = new ModelAssessment(llama, use, Optional.of(device));
        ModelAssessment.Fit fit = assessment.fit().orElseThrow();
        Memory memory = new Memory(use.costing(llama));
        assertThat(fit.bytes()).isEqualTo(85_017_493_504.0);
        assertThat(fit.usable()).isEqualTo(0.9 * 85_017_493_504.0);
        assertThat(memory.of(1000, 2000, fit.maxBatch()).total()).isLessThanOrEqualTo(fit.usable());
        assertThat(memory.of(1000, 2000, fit.maxBatch() + 1).total()).isGreaterThan(fit.usable());
        long context = fit.maxContext().orElseThrow();
        assertThat(memory.of(1000, context, 3).total()).isLessThanOrEqualTo(fit.usable());
        assertThat(memory.of(1000, context + 1, 3).total()).isGreaterThan(fit.usable());
        assertThat(assessment.footprint().total())
                .isEqualTo(memory.of(1000, 2000, 3).total());
        assertThat(assessment.time(Phase.DECODE)).isPresent();

        ModelAssessment.Fit all =
                new ModelAssessment(llama, use, Optional.of(device), 1).fit().orElseThrow();
        assertThat(all.usable()).isEqualTo(all.bytes());
        assertThat(all.maxBatch()).isGreaterThan(fit.maxBatch());

        assertThat(of("llama-3.1-8b", use).fit()).isEmpty();
        DeviceSpec processor = new DeviceSpec(
                "cpu", "CPU", DeviceSpec.Kind.CPU, OptionalDouble.empty(), 1e11, device.peaks(), "1 MHz", "made up");
        assertThat(new ModelAssessment(llama, use, Optional.of(processor)).fit())
                .isEmpty();
    }
}
