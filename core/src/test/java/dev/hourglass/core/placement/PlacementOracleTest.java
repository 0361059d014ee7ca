package dev.hourglass.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PlacementOracleTest {
    /// Two tokens, two layers (3 and 4) of four experts, of which each token uses two.
    private static final ExpertRun RUN = new ExpertRun(
            new int[] {0, 1, 4, 5, 0, 2, 4, 5},
            new int[] {3, 4},
            4,
            2,
            2,
            OptionalLong.of(1_000),
            new ExpertCosts(
                    OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty()));

    private static final ExpertCosts COSTS =
            new ExpertCosts(OptionalDouble.of(10), OptionalDouble.of(1), OptionalDouble.of(5), OptionalDouble.of(100));

    private static PlacementOracle.Verdict verdict(CachePolicy policy, int capacity) {
        return new PlacementOracle(RUN, COSTS).judge(capacity, List.of(policy)).getFirst();
    }

    /// Experts 0, 4 and 5 are used twice: six of eight uses. Layers miss 1, 0, 1, 0 experts: (1 + 10) + 2 + (1 +
    /// 10) + 2 over two tokens, and beside each other 10 + 2 + 10 + 2. Who knows the first token keeps 0, 1 and 4,
    /// of which the second uses two.
    @Test
    void aFixedPlacementComputesTheRestOnTheCpu() {
        PlacementOracle.Verdict pin = verdict(CachePolicy.PIN, 3);
        assertThat(pin.hitRate()).isEqualTo(6 / 8.0);
        assertThat(pin.time().orElseThrow()).isEqualTo(new ExpertCosts.Time(113, 112));
        assertThat(pin.unseen()).hasValue(2 / 4.0);
    }

    /// With room for all, the second token copies expert 2 alone: layers miss 2, 2, 1, 0. One after the other all
    /// eight are computed, and five copied: (8 + 25) / 2; beside each other (11 + 11 + 6 + 2) / 2.
    @Test
    void aCacheCopiesWhatIsMissing() {
        PlacementOracle.Verdict lru = verdict(CachePolicy.LRU, 8);
        assertThat(lru.hitRate()).isEqualTo(3 / 8.0);
        assertThat(lru.time().orElseThrow()).isEqualTo(new ExpertCosts.Time(116.5, 115));
        assertThat(lru.flags()).isEmpty();
    }

    @Test
    void flagsNameLayersByTheirNumbers() {
        assertThat(verdict(CachePolicy.LAYERS, 5).flags())
                .isEqualTo(
                        "hourglass: --device hybrid --experts-on-gpu 4; llama.cpp: --gpu-layers 999 --n-cpu-moe 4, or -ot"
                                + " \"blk\\.(3)\\.ffn_.*_exps=CPU\"");
        assertThat(verdict(CachePolicy.LAYERS, 3).flags()).contains("--cpu-moe");
        assertThat(verdict(CachePolicy.LAYERS, 8).flags()).contains("--device gpu");
        assertThat(verdict(CachePolicy.EVEN, 5).flags()).isEqualTo("KTransformers: --kt-num-gpu-experts 2");
    }

    @Test
    void withoutCostsThereIsNoTime() {
        assertThat(new PlacementOracle(RUN, RUN.measured())
                        .judge(3, List.of(CachePolicy.PIN))
                        .getFirst()
                        .time())
                .isEmpty();
    }
}
