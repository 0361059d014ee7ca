package dev.hourglass.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.bench.process.BenchJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a command line asks for, against what a device has.
class ShapeRangesTest {
    private static final Backend.Offer GEMM = new Backend.Offer("gemm", "product", List.of("fp32", "bf16"), axes());
    private static final Backend.Offer NORM = new Backend.Offer("rmsnorm", "norm", List.of("fp32"), Map.of("T", 8L));

    private static Map<String, Long> axes() {
        Map<String, Long> axes = new LinkedHashMap<>();
        axes.put("M", 1L);
        axes.put("K", 64L);
        return axes;
    }

    private static List<Long> sizes(String range) {
        return ShapeRanges.parse(List.of("M=" + range)).byAxis().get("M");
    }

    @Test
    void rangesDoubleAddOrList() {
        assertThat(sizes("1:16:*2")).containsExactly(1L, 2L, 4L, 8L, 16L);
        assertThat(sizes("1:10")).containsExactly(1L, 2L, 4L, 8L);
        assertThat(sizes("128:512:128")).containsExactly(128L, 256L, 384L, 512L);
        assertThat(sizes("128:300:+128")).containsExactly(128L, 256L);
        assertThat(sizes("4096,1024,7")).containsExactly(7L, 1024L, 4096L);
        assertThat(sizes("1:4,100")).containsExactly(1L, 2L, 4L, 100L);
    }

    @Test
    void mistakesAreToldInOneLine() {
        refused("M=", "a range is FROM:TO");
        refused("M=a", "not a in M=a");
        refused("M=0", "above 0");
        refused("M=8:4", "ends before it begins");
        refused("M=1:8:*1", "never ends");
        refused("M=1:8:0", "never ends");
        refused("M=1:100000000:1", "more than 4096 shapes");
        refused("512", "--shape is AXIS=RANGE");
    }

    private static void refused(String shape, String why) {
        assertThatThrownBy(() -> ShapeRanges.parse(List.of(shape)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static KernelPlan plan(String... dtypes) {
        return new KernelPlan("cpu", List.of(GEMM, NORM), List.of(dtypes), List.of(Work.Cache.COLD, Work.Cache.HOT));
    }

    @Test
    void axesAreCombinedForOperatorsThatHaveThem() {
        List<BenchJob.Item> items =
                plan().of(List.of("gemm", "rmsnorm"), ShapeRanges.parse(List.of("M=1,2", "K=3,4", "T=5")));

        assertThat(items).hasSize(2 * (2 * 2 + 1));
        assertThat(items.getFirst().axes()).isEqualTo(Map.of("M", 1L, "K", 3L));
        assertThat(items.getFirst().reproduce())
                .isEqualTo("hourglass kernels --device cpu --op gemm --dtype fp32 --shape M=1 --shape K=3 --cold");
        assertThat(items.getLast().axes()).isEqualTo(Map.of("T", 5L));
        assertThat(plan("bf16").of(List.of(), ShapeRanges.parse(List.of()))).hasSize(2);
    }

    @Test
    void whatThereIsNotIsNamedWithWhatIsNear() {
        assertThatThrownBy(() -> plan().of(List.of("gem"), ShapeRanges.parse(List.of())))
                .hasMessageContaining("no operator gem on cpu; did you mean gemm?");
        assertThatThrownBy(() -> plan().of(List.of("gemm"), ShapeRanges.parse(List.of("T=1"))))
                .hasMessageContaining("no axis T in gemm: there are K, M");
        assertThatThrownBy(() -> plan("fp4").of(List.of("gemm"), ShapeRanges.parse(List.of())))
                .hasMessageContaining("none of gemm is there in fp4");
    }
}
