package dev.hourglass.device.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.bench.ImpossibleShapeException;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/// Operations and bytes, worked by hand.
class OperatorCostTest {
    @Test
    void rowsAreReadAndWrittenOnce() {
        assertThat(cost("rmsnorm", Map.of("T", 3L, "H", 8L), 2))
                .isEqualTo(new KernelOperator.Cost(96, 2 * (24 + 24 + 8)));
        assertThat(cost("softmax", Map.of("T", 2L, "N", 8L), 4)).isEqualTo(new KernelOperator.Cost(80, 128));
        assertThat(cost("silu_mul", Map.of("T", 2L, "I", 8L), 2)).isEqualTo(new KernelOperator.Cost(80, 2 * 3 * 16));
        assertThat(cost("sampling", Map.of("T", 2L, "V", 8L), 2)).isEqualTo(new KernelOperator.Cost(16, 32 + 8));
    }

    @Test
    void tokensAreMovedWithTheirPlaces() {
        assertThat(cost("embedding", Map.of("T", 3L, "H", 8L, "V", 100L), 2))
                .isEqualTo(new KernelOperator.Cost(0, 2 * 2 * 24 + 12));
        assertThat(cost("kv_write", Map.of("T", 3L, "W", 8L, "S", 100L), 2))
                .isEqualTo(new KernelOperator.Cost(0, 2 * 2 * 24 + 12));
        assertThat(cost("rope", Map.of("T", 2L, "h", 3L, "d", 4L), 2))
                .isEqualTo(new KernelOperator.Cost(3 * 24, 2 * 2 * 24 + 4 * 8));
        assertThat(cost("quantise", Map.of("T", 1L, "H", 128L), 2))
                .isEqualTo(new KernelOperator.Cost(384, 256 + 128 + 4));
    }

    /// 2·(QK and PV)·heads·tokens; keys and values of all tokens, queries and outputs, the page table.
    @Test
    void attentionReadsTheWholeCache() {
        KernelOperator attention = DecodeAttention.operator();

        assertThat(attention.cost().of(new Axes(Map.of("B", 2L, "L", 33L, "hq", 8L, "hkv", 2L)), 2))
                .isEqualTo(new KernelOperator.Cost(
                        2 * 2 * 128 * 8 * 66, 2 * 2 * 128 * (2 * 66) + 2 * 2 * 128 * 8 * 2 + 4 * 2 * 3));
    }

    @Test
    void aSizeThatTheKernelCannotTakeIsToldByItsName() {
        Assertions.assertThatExceptionOfType(ImpossibleShapeException.class)
                .isThrownBy(() -> new Axes(Map.of("H", 12L)).requireMultiple("H", 8))
                .withMessage("H=12 is no multiple of 8");
        Assertions.assertThatExceptionOfType(ImpossibleShapeException.class)
                .isThrownBy(() -> new Axes(Map.of("E", 600L)).requireAtMost("E", 512))
                .withMessage("E=600 is more than 512");
    }

    private static KernelOperator.Cost cost(String op, Map<String, Long> axes, int bytes) {
        return Stream.concat(RowOperators.all().stream(), TokenOperators.all().stream())
                .filter(operator -> operator.offer().op().equals(op))
                .findFirst()
                .orElseThrow()
                .cost()
                .of(new Axes(axes), bytes);
    }
}
