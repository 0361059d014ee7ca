package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.Crossovers;
import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Distinct;
import dev.hourglass.core.model.FlopCount;
import dev.hourglass.core.model.Flops;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Parallel;
import dev.hourglass.core.model.Work;
import dev.hourglass.core.model.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a device holds and does when a model is spread, and what fits.
class ParallelTest {
    private static Costing costing(Model model, long tensor, long expert, long pipeline) {
        return new Costing(model, new Parallel(tensor, expert, pipeline), DType.BF16, OptionalDouble.empty());
    }

    private static double weights(Model model, long tensor, long expert, long pipeline) {
        return new Memory(costing(model, tensor, expert, pipeline)).of(1, 1, 1).weights();
    }

    @Test
    void tensorParallelismDividesAllButNormsAndRouters() {
        Model model = Fixtures.published("qwen3-30b-a3b");
        double copied = 2.0
                * (model.parametersByGroup().get(Group.NORM)
                        + model.parametersByGroup().get(Group.ROUTER));
        assertThat(weights(model, 4, 1, 1)).isCloseTo((model.weightBytes() - copied) / 4 + copied, within(1.0));
    }

    @Test
    void keyValueHeadsFewerThanDevicesAreCopied() {
        Model model = Fixtures.published("qwen3-30b-a3b");
        double four = new Memory(costing(model, 4, 1, 1)).of(1, 1000, 1).cache();
        double eight = new Memory(costing(model, 8, 1, 1)).of(1, 1000, 1).cache();
        assertThat(four).isEqualTo(48 * 2 * 128 * 1000 * 2.0);
        assertThat(eight).isEqualTo(four);
    }

    @Test
    void latentsAreCopiedAndExpertsSpread() {
        Model model = Fixtures.published("deepseek-v3");
        assertThat(new Memory(costing(model, 8, 8, 1)).of(1, 1000, 1).cache()).isEqualTo(61 * 576 * 1000 * 2.0);
        long experts = model.parametersByGroup().get(Group.ROUTED_EXPERTS);
        double whole = weights(model, 1, 1, 1);
        double spread = weights(model, 1, 32, 1);
        assertThat(whole - spread).isCloseTo(experts * 31.0 / 32, within(experts * 0.001));
    }

    @Test
    void attentionGroupsShareTheSequences() {
        Model model = Fixtures.published("deepseek-v3");
        assertThat(new Memory(costing(model, 1, 32, 1)).of(1, 1000, 64).cache())
                .isEqualTo(
                        2 * new Memory(costing(model, 1, 32, 1)).of(1, 1000, 32).cache());
        assertThat(new Memory(costing(model, 1, 32, 1)).of(1, 1000, 32).cache()).isEqualTo(61 * 576 * 1000 * 2.0);
    }

    @Test
    void stagesTogetherHoldTheModel() {
        Model model = Fixtures.published("llama-3.1-8b");
        double two = weights(model, 1, 1, 2);
        assertThat(two).isBetween(model.weightBytes() / 2.0, model.weightBytes() / 2.0 + 1e6);
    }

    @ParameterizedTest
    @CsvSource({"3,1", "1,3", "2,3", "128,1"})
    void whatDoesNotDivideIsRefused(long tensor, long expert) {
        Model model = Fixtures.published("gpt-oss-20b");
        assertThatThrownBy(() -> weights(model, tensor, expert, 1))
                .isInstanceOf(ModelException.class)
                .message()
                .contains("divide");
    }

    @ParameterizedTest
    @CsvSource({
        "llama-3.1-8b,80e9,4096",
        "qwen3-30b-a3b,80e9,32768",
        "gemma-3-4b,24e9,8192",
        "qwen3-next-80b-a3b,180e9,1000"
    })
    void theLargestBatchFitsAndOneMoreDoesNot(String name, double bytes, long context) {
        Memory memory = new Memory(Costing.of(Fixtures.published(name)));
        long batch = memory.maxBatch(1024, context, bytes);
        assertThat(batch).isPositive();
        assertThat(memory.of(1024, context, batch).total()).isLessThanOrEqualTo(bytes);
        assertThat(memory.of(1024, context, batch + 1).total()).isGreaterThan(bytes);
        long longest = memory.maxContext(1024, 2, bytes).orElseThrow();
        assertThat(memory.of(1024, longest, 2).total()).isLessThanOrEqualTo(bytes);
        assertThat(memory.of(1024, longest + 1, 2).total()).isGreaterThan(bytes);
    }

    @Test
    void aStateDoesNotGrow() {
        Memory memory = new Memory(Costing.of(Fixtures.published("mamba2-780m")));
        assertThat(memory.maxContext(1024, 1, 80e9)).isEmpty();
        assertThat(memory.maxBatch(1024, 100, 1e9)).isZero();
    }

    @Test
    void flopsOfDevicesAddUp() {
        Model model = Fixtures.published("mixtral-8x7b");
        long whole = sum(costing(model, 1, 1, 1));
        long device = sum(costing(model, 8, 1, 1));
        long router = FlopCount.of(model.sections(), Work.decode(100, 4), Convention.SERVING)
                .byGroup()
                .get("router");
        long rope = FlopCount.of(model.sections(), Work.decode(100, 4), Convention.SERVING)
                .byGroup()
                .get("rope");
        assertThat(8 * device).isEqualTo(whole + 7 * (router + rope));
    }

    private static long sum(Costing costing) {
        return costing.step(Work.decode(100, 4)).stream()
                .mapToLong(cost -> cost.flops(Convention.SERVING))
                .sum();
    }

    /// Whatever is spread over two or four devices is all there at least once, in every family.
    @TestFactory
    Stream<DynamicTest> devicesTogetherHoldEveryFamily() throws IOException {
        return Files.readAllLines(Path.of("..", "benchmarks", "model-oracle", "families.jsonl")).stream()
                .map(line -> Json.parse("families.jsonl", line.getBytes(StandardCharsets.UTF_8), 0))
                .map(line -> DynamicTest.dynamicTest(((Json.Text) line.members().get("name")).value(), () -> {
                    Model model = ModelReader.described(
                            "config", (Json.Obj) line.members().get("config"), Optional.empty());
                    double whole = weights(model, 1, 1, 1);
                    for (long devices : new long[] {2, 4}) {
                        if (divides(model, devices)) {
                            assertThat(devices * weights(model, devices, 1, 1)).isGreaterThanOrEqualTo(whole);
                        }
                    }
                }));
    }

    private static boolean divides(Model model, long devices) {
        try {
            model.sections().forEach(new Parallel(devices, 1, 1)::on);
            return true;
        } catch (ModelException e) {
            return !e.getMessage().contains("does not divide evenly");
        }
    }

    @Test
    void whatEnginesRefuseIsSaid() {
        Model dense = Fixtures.published("llama-3.1-8b");
        assertThatThrownBy(() -> dense.spread(new Parallel(1, 2, 1))).hasMessageContaining("the model has no experts");
        assertThatThrownBy(() -> dense.spread(new Parallel(1, 1, 33))).hasMessageContaining("32 layers");
        Model blocks = Fixtures.described("""
            {"model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 1152, "num_hidden_layers": 1,
             "num_attention_heads": 8, "num_key_value_heads": 8,
             "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}""");
        assertThat(blocks.spread(new Parallel(2, 1, 1)).reading().doubts())
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text()).contains("mlp.gate_proj, mlp.up_proj, mlp.down_proj"));
        assertThat(blocks.spread(new Parallel(1, 1, 1)).reading().doubts()).isEmpty();
    }

    @Test
    void contextsAtWhichAttentionStopsGrowing() {
        assertThat(Crossovers.of(Fixtures.published("gemma-3-4b")))
                .containsExactly("Window 1024 attention stops growing at 1024 tokens.");
        assertThat(Crossovers.of(Fixtures.published("qwen3-next-80b-a3b")))
                .containsExactly(
                        "Linear attention costs what full attention of its heads costs at 256 tokens, and does not grow.");
        Model indexed = Fixtures.described("{\"model_type\": \"deepseek_v32\"}");
        Operator.LatentAttention core = new Operator.LatentAttention("", 128, 512, 128, 64, 128, 2048);
        Operator.LatentAttention full = new Operator.LatentAttention("", 128, 512, 128, 64, 128);
        Operator.Indexer indexer = new Operator.Indexer("", 64, 128, 1, 1);
        assertThat(Crossovers.of(indexed)).singleElement().asString().contains("from 2178 tokens on");
        for (long context : new long[] {2176, 2178}) {
            Work work = Work.decode(context, 1);
            long sparse = Flops.of(core, work, Convention.SERVING) + Flops.of(indexer, work, Convention.SERVING);
            assertThat(sparse < Flops.of(full, work, Convention.SERVING)).isEqualTo(context == 2178);
        }
    }

    @Test
    void measuredRoutingReplacesTheClosedForm() {
        Model model = Fixtures.published("qwen3-30b-a3b");
        ModelUse use =
                new ModelUse(1, 100, 16, Parallel.NONE, Optional.empty(), Optional.empty(), OptionalDouble.of(40));
        double measured = experts(use.costing(model));
        double closed = experts(ModelUse.of(1, 100, 16).costing(model));
        assertThat(measured / closed).isCloseTo(40 / Distinct.expected(128, 8, 16), within(1e-9));
    }

    private static double experts(Costing costing) {
        return costing.step(Work.decode(100, 16)).stream()
                .filter(cost -> cost.operator() instanceof Operator.Experts)
                .mapToDouble(cost -> cost.traffic().weights())
                .sum();
    }
}
