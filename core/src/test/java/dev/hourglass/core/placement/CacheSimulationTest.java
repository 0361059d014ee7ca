package dev.hourglass.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Against a simulation that looks at everything at every use.
class CacheSimulationTest {
    private static final int SEQUENCES = 300;

    private static int[] uses(SplittableRandom random, int universe) {
        int[] uses = new int[random.nextInt(1, 200)];
        boolean skewed = random.nextBoolean();
        for (int i = 0; i < uses.length; i++) {
            int e = random.nextInt(universe);
            uses[i] = skewed ? Math.min(e, random.nextInt(universe)) : e;
        }
        return uses;
    }

    @Test
    void everyPolicyHitsWhatTheNaiveOneHits() {
        SplittableRandom random = new SplittableRandom(4);
        for (int n = 0; n < SEQUENCES; n++) {
            int perLayer = random.nextInt(1, 6);
            int layers = random.nextInt(1, 5);
            int[] uses = uses(random, perLayer * layers);
            int capacity = random.nextInt(0, perLayer * layers + 2);
            CacheSimulation simulation = new CacheSimulation(uses, layers, perLayer);
            for (CachePolicy policy : List.of(CachePolicy.LRU, CachePolicy.LFU, CachePolicy.BELADY)) {
                assertThat(simulation.hits(policy, capacity))
                        .as("%s, room for %s, %s", policy, capacity, List.of(uses.length))
                        .isEqualTo(naive(uses, capacity, policy));
            }
        }
    }

    private static boolean[] naive(int[] uses, int capacity, CachePolicy policy) {
        boolean[] hits = new boolean[uses.length];
        Map<Integer, Integer> last = new HashMap<>();
        Map<Integer, Integer> count = new HashMap<>();
        for (int i = 0; i < uses.length && capacity > 0; i++) {
            int now = i;
            hits[i] = last.containsKey(uses[i]);
            if (hits[i]) {
                count.merge(uses[i], 1, Integer::sum);
                last.put(uses[i], i);
                continue;
            }
            last.put(uses[i], i);
            count.put(uses[i], 1);
            if (last.size() > capacity) {
                List<Integer> inside = new ArrayList<>(last.keySet());
                if (policy != CachePolicy.BELADY) {
                    inside.remove(Integer.valueOf(uses[i]));
                }
                int gone = inside.stream()
                        .min((a, b) -> switch (policy) {
                            case LRU -> Integer.compare(last.get(a), last.get(b));
                            case LFU ->
                                count.get(a).equals(count.get(b))
                                        ? Integer.compare(last.get(a), last.get(b))
                                        : Integer.compare(count.get(a), count.get(b));
                            default -> Integer.compare(next(uses, b, now), next(uses, a, now));
                        })
                        .orElseThrow();
                last.remove(gone);
                count.remove(gone);
            }
        }
        return hits;
    }

    private static int next(int[] uses, int expert, int after) {
        for (int i = after + 1; i < uses.length; i++) {
            if (uses[i] == expert) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void nothingHitsMoreThanWhoKnowsTheFuture() {
        SplittableRandom random = new SplittableRandom(5);
        for (int n = 0; n < SEQUENCES; n++) {
            int[] uses = uses(random, 12);
            int capacity = random.nextInt(0, 14);
            CacheSimulation simulation = new CacheSimulation(uses, 3, 4);
            long best = count(simulation.hits(CachePolicy.BELADY, capacity));
            // A fixed placement has its experts before the first use; who starts empty misses each of them once.
            assertThat(count(simulation.hits(CachePolicy.LRU, capacity))).isLessThanOrEqualTo(best);
            assertThat(count(simulation.hits(CachePolicy.LFU, capacity))).isLessThanOrEqualTo(best);
            assertThat(count(simulation.hits(CachePolicy.PIN, capacity))).isLessThanOrEqualTo(best + capacity);
            assertThat(count(simulation.hits(CachePolicy.EVEN, capacity)))
                    .isLessThanOrEqualTo(count(simulation.hits(CachePolicy.PIN, capacity)));
            assertThat(count(simulation.hits(CachePolicy.LAYERS, capacity)))
                    .isLessThanOrEqualTo(count(simulation.hits(CachePolicy.PIN, capacity)));
        }
    }

    private static long count(boolean[] hits) {
        long n = 0;
        for (boolean hit : hits) {
            n += hit ? 1 : 0;
        }
        return n;
    }

    @Test
    void layersAreTheLastOnes() {
        CacheSimulation simulation = new CacheSimulation(new int[] {0, 4, 8, 9}, 3, 4);
        assertThat(simulation.hits(CachePolicy.LAYERS, 7)).containsExactly(false, false, true, true);
        assertThat(simulation.hits(CachePolicy.LAYERS, 8)).containsExactly(false, true, true, true);
    }
}
