package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A router of three layers: the first is steady, the second changes its taste at half of the run, the third
/// is steady and skewed.
final class ExpertDriftTest {
    private static final int TOKENS = 400;
    private static final int EXPERTS = 16;
    private static final int CHOSEN = 2;
    private static final int PARTS = 4;

    private record Choice(int token, int layer, int expert) {}

    @TempDir
    private static Path folder;

    private static final List<Choice> CHOICES = choices();
    private static Session session;

    @BeforeAll
    static void write() {
        try (TraceStore store = TraceStore.create(new SessionLayout(folder).database(), BlockSize.SMALL)) {
            try (RowWriter rows = new RowWriter(Tables.EXPERT_CHOICE, store)) {
                for (Choice c : CHOICES) {
                    rows.set("token", (long) c.token())
                            .set("layer", (long) c.layer())
                            .set("slot", 0L)
                            .set("expert", (long) c.expert())
                            .set("weight", 0.5)
                            .end();
                }
            }
            PlantedRun.facts(store, Map.of("model.experts", Integer.toString(EXPERTS)));
            Views.create(store);
        }
        session = Session.open(folder);
    }

    @AfterAll
    static void close() {
        session.close();
    }

    private static List<Choice> choices() {
        Random random = new Random(5);
        List<Choice> all = new ArrayList<>();
        for (int token = 0; token < TOKENS; token++) {
            for (int layer = 0; layer < 3; layer++) {
                int shift = layer == 1 && token >= TOKENS / 2 ? EXPERTS / 2 : 0;
                double power = layer == 0 ? 1 : 3;
                List<Integer> order = IntStream.range(0, EXPERTS)
                        .boxed()
                        .sorted(Comparator.comparingDouble(
                                e -> Math.pow(random.nextDouble(), 1 / Math.pow(1 + e, power - 1))))
                        .toList();
                for (int slot = 0; slot < CHOSEN; slot++) {
                    all.add(new Choice(token, layer, (order.get(EXPERTS - 1 - slot) + shift) % EXPERTS));
                }
            }
        }
        return all;
    }

    @Test
    void theDistanceIsThatOfTheDefinition() {
        Rows rows = AnalysisLibrary.run(session, "moe/drift");
        assertThat(rows.size()).isEqualTo(3 * (PARTS - 1));
        for (int r = 0; r < rows.size(); r++) {
            int layer = (int) rows.integer(r, "layer").orElseThrow();
            int part = (int) rows.integer(r, "part").orElseThrow() - 1;
            assertThat(rows.real(r, "distance").orElseThrow())
                    .isCloseTo(distance(counts(layer, part - 1), counts(layer, part)), within(1e-9));
            assertThat(rows.real(r, "from_start").orElseThrow())
                    .isCloseTo(distance(counts(layer, 0), counts(layer, part)), within(1e-9));
            assertThat(rows.integer(r, "tokens").orElseThrow()).isEqualTo(TOKENS / PARTS);
        }
    }

    @Test
    void onlyWhatChangesDrifts() {
        Rows rows = AnalysisLibrary.run(session, "moe/drift");
        assertThat(rows.integer(0, "layer").orElseThrow()).isEqualTo(1);
        assertThat(rows.integer(0, "part").orElseThrow()).isEqualTo(3);
        for (int r = 0; r < rows.size(); r++) {
            assertThat(rows.text(r, "verdict", ""))
                    .as(rows.rows().toString())
                    .isEqualTo(r == 0 ? "drifts" : "within noise");
            assertThat(rows.real(r, "noise").orElseThrow()).isPositive();
        }
    }

    /// Experts picked by the first half cover less later where the router changed, and never more than those
    /// picked with hindsight would.
    @Test
    void aPlacementIsMeasuredOnWhatComesAfterIt() {
        Rows rows = AnalysisLibrary.run(session, "moe/placement");
        double before = 0;
        for (int r = 0; r < rows.size(); r++) {
            long placed = rows.integer(r, "placed").orElseThrow();
            double cover = rows.real(r, "cover").orElseThrow();
            assertThat(placed)
                    .isEqualTo(Math.round(rows.real(r, "experts_placed").orElseThrow() * 3 * EXPERTS));
            assertThat(cover).isCloseTo(cover(placed, 0, TOKENS, 0, TOKENS), within(1e-9));
            assertThat(rows.real(r, "cover_later").orElseThrow())
                    .isCloseTo(cover(placed, 0, TOKENS / 2, TOKENS / 2, TOKENS), within(1e-9))
                    .isLessThanOrEqualTo(cover(placed, TOKENS / 2, TOKENS, TOKENS / 2, TOKENS));
            assertThat(cover).isGreaterThan(before);
            before = cover;
        }
    }

    private static Map<Integer, Integer> counts(int layer, int part) {
        Map<Integer, Integer> counts = new HashMap<>();
        CHOICES.stream()
                .filter(c -> c.layer() == layer && c.token() * PARTS / TOKENS == part)
                .forEach(c -> counts.merge(c.expert(), 1, Integer::sum));
        return counts;
    }

    /// The square root of the mean divergence of both from their mean, in bits.
    private static double distance(Map<Integer, Integer> a, Map<Integer, Integer> b) {
        double na = a.values().stream().mapToInt(n -> n).sum();
        double nb = b.values().stream().mapToInt(n -> n).sum();
        double sum = 0;
        for (int e = 0; e < EXPERTS; e++) {
            double p = a.getOrDefault(e, 0) / na;
            double q = b.getOrDefault(e, 0) / nb;
            double m = (p + q) / 2;
            sum += (p > 0 ? p * Math.log(p / m) : 0) + (q > 0 ? q * Math.log(q / m) : 0);
        }
        return Math.sqrt(Math.max(0, sum / 2 / Math.log(2)));
    }

    /// Share of the choices in one span of tokens that fall on the experts chosen most in another.
    private static double cover(long placed, int pickFrom, int pickTo, int from, int to) {
        Map<List<Integer>, Integer> picks = new HashMap<>();
        for (int layer = 0; layer < 3; layer++) {
            for (int e = 0; e < EXPERTS; e++) {
                picks.put(List.of(layer, e), 0);
            }
        }
        CHOICES.stream()
                .filter(c -> c.token() >= pickFrom && c.token() < pickTo)
                .forEach(c -> picks.merge(List.of(c.layer(), c.expert()), 1, Integer::sum));
        List<List<Integer>> best = picks.entrySet().stream()
                .sorted(Map.Entry.<List<Integer>, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(e -> e.getKey().get(0))
                        .thenComparing(e -> e.getKey().get(1)))
                .limit(placed)
                .map(Map.Entry::getKey)
                .toList();
        List<Choice> judged = CHOICES.stream()
                .filter(c -> c.token() >= from && c.token() < to)
                .toList();
        return judged.stream()
                        .filter(c -> best.contains(List.of(c.layer(), c.expert())))
                        .count()
                / (double) judged.size();
    }
}
