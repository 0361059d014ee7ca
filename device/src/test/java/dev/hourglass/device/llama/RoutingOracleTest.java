package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.device.ffi.llama.Llama;
import dev.hourglass.device.ffi.llama.LlamaContext;
import dev.hourglass.device.ffi.llama.LlamaModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The real library against [JavaMoe] on the same file.
class RoutingOracleTest {
    private static final int TOKENS = 40;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Granularity.class)
    void choosesTheExpertsThatPlainJavaComputes(Granularity granularity) throws Exception {
        Path file = Tiny.model(directory, Tiny.QWEN3MOE);
        int[] tokens = new SplittableRandom(3).ints(TOKENS, 0, 300).toArray();
        List<List<JavaMoe.Choice>> engine = engine(file, granularity, tokens);
        JavaMoe java = new JavaMoe(file);
        for (int t = 0; t < TOKENS; t++) {
            List<JavaMoe.Choice> expected = java.feed(tokens[t]);
            assertThat(engine.get(t)).as("token %d", t).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                JavaMoe.Choice got = engine.get(t).get(i);
                JavaMoe.Choice wanted = expected.get(i);
                assertThat(List.of(got.layer(), got.slot(), got.expert()))
                        .as("token %d: %s", t, wanted)
                        .isEqualTo(List.of(wanted.layer(), wanted.slot(), wanted.expert()));
                assertThat(got.weight()).isCloseTo(wanted.weight(), within(1e-3));
            }
        }
    }

    private static List<List<JavaMoe.Choice>> engine(Path file, Granularity granularity, int[] tokens)
            throws Exception {
        EngineLibraries.Found found = (EngineLibraries.Found) Tiny.libraries();
        Llama llama = Llama.load(found.base(), found.ggml(), found.llama(), found.directory(), (_, _) -> {});
        StepRecorder recorder = new StepRecorder(System::nanoTime, llama.tensors());
        StepPlan.Maker maker = new StepPlan.Maker(granularity, WeightCosts.of(GgufHeader.read(file)));
        List<List<JavaMoe.Choice>> out = new ArrayList<>();
        try (LlamaModel model = llama.model(file, _ -> true);
                LlamaContext context = model.context(256, 64, 1, recorder)) {
            recorder.next(StepRecorder.Mode.WATCHED);
            assertThat(context.decode(tokens, 0, 1)).isZero();
            recorder.learn(maker);
            assertThat(context.forget(0)).isTrue();
            for (int t = 0; t < tokens.length; t++) {
                recorder.next(StepRecorder.Mode.PROFILED);
                assertThat(context.decode(tokens, t, 1)).isZero();
                assertThat(recorder.complete()).isTrue();
                if (!recorder.planFits()) {
                    assertThat(recorder.learn(maker)).isTrue();
                }
                out.add(choices(recorder.recorded(0, 0)));
            }
        }
        return out;
    }

    private static List<JavaMoe.Choice> choices(RecordedStep step) {
        List<JavaMoe.Choice> choices = new ArrayList<>();
        for (int c = 0; c < step.experts().length; c++) {
            for (int slot = 0; slot < step.experts()[c].length; slot++) {
                choices.add(new JavaMoe.Choice(
                        step.plan().capture(c).layer(), slot, step.experts()[c][slot], step.factors()[c][slot]));
            }
        }
        return choices;
    }
}
