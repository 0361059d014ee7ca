package dev.hourglass.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceSpec.Kind;
import dev.hourglass.core.hardware.Roofline;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Traffic;
import dev.hourglass.core.model.checkpoint.ModelReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// Rows of costs are what a hand adds up for Llama-3.1-8B.
class CostRowTest {
    private static final long LAYER_MLP = 3L * 4096 * 14336;
    private static final long LAYER_ATTENTION = 2L * 4096 * 4096 + 2L * 4096 * 1024;
    private static final long HEAD = 128256L * 4096;
    private static final Traffic MOVED = new Traffic(1, 1, 1, 1);

    private final Model llama =
            ModelReader.read(Path.of("..", "benchmarks", "model-oracle", "configs", "llama-3.1-8b.json"));

    /// A device of so many FLOP/s in bf16, and 10¹² bytes per second.
    private static DeviceSpec device(double flops) {
        return new DeviceSpec(
                "toy", "Toy", Kind.GPU, OptionalDouble.of(80e9), 1e12, Map.of("bf16", flops), "1 MHz", "made up");
    }

    private List<CostRow> decode(Optional<DeviceSpec> device, CostRow.By by) {
        return CostRow.of(
                new ModelAssessment(llama, ModelUse.of(8, 100, 1), device),
                ModelAssessment.Phase.DECODE,
                Convention.SERVING,
                by);
    }

    private static CostRow named(List<CostRow> rows, String name) {
        return rows.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void groupsAddUpOverLayers() {
        CostRow mlp = named(decode(Optional.empty(), CostRow.By.GROUP), "mlp");
        assertThat(mlp.kind()).isEmpty();
        assertThat(mlp.layer()).isEqualTo(-1);
        assertThat(mlp.operators()).isEqualTo(3 * 32);
        assertThat(mlp.parameters()).isEqualTo(32 * LAYER_MLP);
        assertThat(mlp.flops()).isEqualTo(2 * 32 * LAYER_MLP);
        assertThat(mlp.traffic().weights()).isEqualTo(2.0 * 32 * LAYER_MLP);
        assertThat(mlp.outputBytes()).isEqualTo(32 * 2.0 * (14336 + 14336 + 4096));
        assertThat(mlp.seconds()).isEmpty();
        assertThat(mlp.memorySeconds()).isEmpty();
        assertThat(mlp.limitedBy()).isEmpty();
        assertThat(CostRow.By.GROUP.label()).isEqualTo("group");
    }

    @Test
    void layersAreAlikeAndTheRestStandsApart() {
        List<CostRow> rows = decode(Optional.empty(), CostRow.By.LAYER);
        assertThat(rows).extracting(CostRow::name).contains("0", "1", "31").doesNotContain("32");
        CostRow first = named(rows, "0");
        assertThat(first.parameters()).isEqualTo(LAYER_MLP + LAYER_ATTENTION + 2 * 4096);
        assertThat(first.layer()).isZero();
        assertThat(first.kind()).isNotEmpty();
        List<CostRow> others = rows.stream().filter(row -> row.layer() == -1).toList();
        assertThat(others).isNotEmpty().allSatisfy(row -> {
            assertThat(row.kind()).isEmpty();
            assertThat(row.name()).isNotEmpty().doesNotContainPattern("[0-9]");
        });
        assertThat(CostRow.collapsed(rows))
                .hasSize(others.size() + 1)
                .extracting(CostRow::name)
                .contains("0 to 31");
    }

    @Test
    void operatorsOfOneNameAreOneRow() {
        List<CostRow> rows = decode(Optional.empty(), CostRow.By.OPERATOR);
        CostRow gate = named(rows, "mlp.gate_proj");
        assertThat(gate.operators()).isEqualTo(32);
        assertThat(gate.kind()).isEqualTo("mlp");
        assertThat(gate.layer()).isEqualTo(-1);
        assertThat(gate.flops()).isEqualTo(32 * 2L * 4096 * 14336);
        assertThat(named(rows, "lm_head").flops()).isEqualTo(2 * HEAD);
    }

    /// Arithmetic at 10¹² FLOP/s takes a little less than the transfer, at 10¹¹ ten times as long.
    @Test
    void secondsAreTheLargerOfArithmeticAndTransfer() {
        CostRow mlp = named(decode(Optional.of(device(1e12)), CostRow.By.GROUP), "mlp");
        double bytes = 2.0 * 32 * (LAYER_MLP + 3 * (4096 + 14336));
        assertThat(mlp.seconds().getAsDouble()).isCloseTo(bytes / 1e12, within(1e-9));
        assertThat(mlp.memorySeconds().getAsDouble()).isCloseTo(bytes / 1e12, within(1e-9));
        assertThat(mlp.limitedBy()).contains("memory");
        assertThat(mlp.intensity()).isCloseTo(2.0 * 32 * LAYER_MLP / bytes, within(1e-9));

        CostRow slow = named(decode(Optional.of(device(1e11)), CostRow.By.GROUP), "mlp");
        assertThat(slow.seconds().getAsDouble()).isCloseTo(2.0 * 32 * LAYER_MLP / 1e11, within(1e-9));
        assertThat(slow.memorySeconds()).hasValue(0);
        assertThat(slow.limitedBy()).contains("compute");
    }

    @Test
    void aStepIsTheSumOfItsOperators() {
        ModelAssessment slow = new ModelAssessment(llama, ModelUse.of(8, 100, 1), Optional.of(device(1e11)));
        StepTime step = slow.time(ModelAssessment.Phase.DECODE).orElseThrow();
        List<CostRow> rows = decode(Optional.of(device(1e11)), CostRow.By.OPERATOR);
        double all =
                rows.stream().mapToDouble(row -> row.seconds().orElseThrow()).sum();
        double memory = rows.stream()
                .mapToDouble(row -> row.memorySeconds().orElseThrow())
                .sum();
        assertThat(memory).isPositive();
        assertThat(step.seconds()).isCloseTo(all, within(1e-12));
        assertThat(step.memory()).isCloseTo(memory, within(1e-12));
        assertThat(step.compute()).isCloseTo(all - memory, within(1e-12)).isGreaterThan(2.0 * 32 * LAYER_MLP / 1e11);
        assertThat(StepTime.of(List.of(), new Roofline(device(1))).seconds()).isZero();
    }

    @Test
    void aStepIsLimitedByWhatTakesMore() {
        assertThat(new StepTime(3, 4).seconds()).isEqualTo(7);
        assertThat(new StepTime(3, 4).limitedBy()).isEqualTo("memory");
        assertThat(new StepTime(4, 4).limitedBy()).isEqualTo("compute");
    }

    private static CostRow row(String name, String kind, int layer, long parameters, long flops, Traffic traffic) {
        return new CostRow(
                name, kind, layer, 1, parameters, flops, traffic, 0, OptionalDouble.empty(), OptionalDouble.empty());
    }

    @Test
    void neighboursThatDifferInAnythingStayApart() {
        List<CostRow> rows = List.of(
                row("embed", "a", -1, 1, 1, MOVED),
                row("0", "a", 0, 1, 1, MOVED),
                row("1", "a", 1, 1, 1, MOVED),
                row("2", "a", 2, 1, 1, MOVED),
                row("3", "b", 3, 1, 1, MOVED),
                row("4", "b", 4, 2, 1, MOVED),
                row("5", "b", 5, 2, 3, MOVED),
                row("6", "b", 6, 2, 3, new Traffic(1, 1, 1, 2)),
                row("7", "b", 7, 2, 3, new Traffic(1, 1, 1, 2)),
                row("norm", "b", -1, 2, 3, new Traffic(1, 1, 1, 2)),
                row("head", "b", -1, 2, 3, new Traffic(1, 1, 1, 2)));
        assertThat(CostRow.collapsed(rows))
                .extracting(CostRow::name)
                .containsExactly("embed", "0 to 2", "3", "4", "5", "6 to 7", "norm", "head");
        assertThat(CostRow.collapsed(List.of())).isEmpty();
        assertThat(CostRow.collapsed(List.of(rows.getFirst()))).containsExactly(rows.getFirst());
    }

    private static CostRow timed(double seconds, double memory) {
        return new CostRow("x", "", -1, 1, 0, 10, MOVED, 0, OptionalDouble.of(seconds), OptionalDouble.of(memory));
    }

    @Test
    void aRowIsLimitedByMemoryWhereThatTakesMoreThanHalf() {
        assertThat(timed(1, 0.5).limitedBy()).contains("compute");
        assertThat(timed(1, 0.51).limitedBy()).contains("memory");
        assertThat(timed(0, 0).limitedBy()).isEmpty();
        assertThat(timed(1, 1).intensity()).isEqualTo(2.5);
        assertThat(row("x", "", 0, 1, 10, Traffic.NONE).intensity()).isZero();
    }
}
