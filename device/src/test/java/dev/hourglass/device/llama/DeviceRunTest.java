package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hourglass.core.trace.EventBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process of a run on a GPU, driven by the real library; where that has no CUDA, everything is computed on the
/// CPU, and all but the GPU's records is as it would be.
class DeviceRunTest {
    private static final int TOKENS = 6;

    @TempDir
    Path directory;

    private Tiny.Result run(Observing observing, Placement.Experts experts, int context) throws IOException {
        assumeThat(Tiny.libraries()).isInstanceOf(EngineLibraries.Found.class);
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        EngineRequest run = new EngineRequest(model, TOKENS, 2, context, 1, Granularity.NODE, 1, 0);
        Placement placement = new Placement(0, OptionalInt.empty(), experts, Set.of());
        DeviceRequest request = new DeviceRequest(run, placement, observing, List.of(), List.of());
        Path log = directory.resolve("engine.log");
        List<EventBatch> batches = new ArrayList<>();
        try (EngineProcess process =
                EngineProcess.start(request, (EngineLibraries.Found) Tiny.libraries(), log, directory)) {
            EngineOutcome outcome = process.run(batches::add, new EngineListener() {});
            return new Tiny.Result(outcome, batches, Files.readString(log));
        }
    }

    @Test
    void stepsThatNobodyObservesStandApartFromThoseThatShowWhatQuestionsCost() throws IOException {
        Tiny.Result result = run(Observing.NOTHING, Placement.Experts.CPU_PINNED, 16);
        assertThat(result.outcome()).as(result.log()).isEqualTo(new EngineOutcome.Completed(0));
        assertThat(result.rows("token_unprofiled")).hasSize(TOKENS);
        assertThat(result.rows("observed_step").stream().map(r -> r.get("how")).distinct())
                .containsExactlyInAnyOrder("questions", "beside questions");
        assertThat(result.rows("token")).isEmpty();
    }

    @Test
    void observedStepsTellTheirSplitsInOrder() throws IOException {
        Tiny.Result result = run(Observing.CALLS, Placement.Experts.CPU, 16);
        assertThat(result.outcome()).as(result.log()).isEqualTo(new EngineOutcome.Completed(TOKENS));
        assertThat(result.rows("token")).hasSize(TOKENS);
        assertThat(result.rows("engine_split"))
                .hasSizeGreaterThanOrEqualTo(TOKENS)
                .allSatisfy(
                        split -> assertThat((long) split.get("ts")).isLessThanOrEqualTo((long) split.get("begin_ts")));
        result.rows("token")
                .forEach(token -> assertThat(result.rows("engine_split").stream()
                                .filter(split -> split.get("token").equals(token.get("token"))))
                        .allSatisfy(split -> assertThat((long) split.get("ts"))
                                .isBetween((long) token.get("ts"), (long) token.get("ts") + (long) token.get("dur"))));
        assertThat(result.rows("not_measured").stream().map(r -> r.get("item")))
                .contains("t_gpu_computation", "t_routing");
        assertThat(result.rows("metadata").stream().map(r -> r.get("name")))
                .contains("engine.pid", "engine.decode_thread");
    }

    @Test
    void aGraphThatIsRebuiltWhenTheCacheGrowsLosesNoStep() throws IOException {
        Tiny.Result result = run(Observing.CALLS, Placement.Experts.CPU_REPACKED, 252);
        assertThat(result.outcome()).as(result.log()).isEqualTo(new EngineOutcome.Completed(TOKENS));
        assertThat(result.rows("token")).hasSize(TOKENS);
    }

    @Test
    void kernelsAreRefusedWhereThereIsNoCupti() throws IOException {
        Tiny.Result result = run(Observing.KERNELS, Placement.Experts.GPU, 16);
        assertThat(result.outcome()).isInstanceOf(EngineOutcome.Refused.class);
        assertThat(((EngineOutcome.Refused) result.outcome()).message()).contains("CUPTI");
    }
}
