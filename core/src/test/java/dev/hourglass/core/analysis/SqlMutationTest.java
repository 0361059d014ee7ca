package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.MutationSessions.Fate;
import dev.hourglass.core.analysis.SqlMutations.Mutant;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plants a fault in every place of the SQL of analyses, views and derived tables, one at a time, and asks
/// the golden cases: what they let pass they do not hold.
///
/// Run by the profile `mutation`; `-Dmutate=analysis/bound,query/derived/gpu_gap` plants in files that begin
/// so alone. The report is `target/sql-mutation.txt`.
@Tag("mutation")
final class SqlMutationTest {
    private static final double KILLED = 0.85;
    private static final String ANALYSIS = "analysis/";
    private static final int EQUIVALENT = Fate.values().length;

    @TempDir
    private Path folder;

    private final StringBuilder report = new StringBuilder();
    private final Map<String, int[]> counts = new TreeMap<>();

    @Test
    void theGoldensKillWhatIsWrong() throws IOException {
        Map<String, String> equivalent = equivalent();
        Set<String> excused = new TreeSet<>();
        try (MutationSessions sessions = new MutationSessions(folder)) {
            for (String file : files()) {
                plant(sessions, file, equivalent.keySet(), excused);
            }
        }
        List<String> weak = summary();
        Files.writeString(Path.of("target", "sql-mutation.txt"), report);
        Set<String> stale = new TreeSet<>(equivalent.keySet());
        stale.removeIf(key -> excused.contains(key) || !asked(key));
        assertThat(stale)
                .as("listed as equivalent, and killed or no longer there")
                .isEmpty();
        assertThat(weak)
                .as("less than 85 %% killed, see target/sql-mutation.txt")
                .isEmpty();
    }

    private void plant(MutationSessions sessions, String file, Set<String> equivalent, Set<String> excused)
            throws IOException {
        boolean analysis = file.startsWith(ANALYSIS);
        String name = file.substring(analysis ? ANALYSIS.length() : file.lastIndexOf('/') + 1);
        String text = analysis ? AnalysisLibrary.find(name).sql() : sessions.text(name);
        int[] count = counts.computeIfAbsent(file, f -> new int[Fate.values().length + 1]);
        assertThat(analysis ? sessions.analysis(name, text) : sessions.table(name, text))
                .as("%s as it is", file)
                .isEqualTo(Fate.SURVIVED);
        for (Mutant mutant : SqlMutations.of(text)) {
            String key = file + ": " + mutant.what();
            Fate fate = analysis ? sessions.analysis(name, mutant.sql()) : sessions.table(name, mutant.sql());
            if (fate != Fate.SURVIVED) {
                count[fate.ordinal()]++;
            } else if (equivalent.contains(key)) {
                excused.add(key);
                count[EQUIVALENT]++;
            } else {
                count[fate.ordinal()]++;
                report.append(file)
                        .append(':')
                        .append(mutant.line())
                        .append(": ")
                        .append(mutant.what())
                        .append('\n');
            }
        }
    }

    /// Adds the counts of each file and directory to the report.
    ///
    /// @return directories in which too few were killed
    private List<String> summary() {
        Map<String, int[]> places = new TreeMap<>(counts);
        counts.forEach((file, count) -> {
            int[] sum = places.computeIfAbsent(
                    file.substring(0, file.lastIndexOf('/') + 1), d -> new int[Fate.values().length + 1]);
            Arrays.setAll(sum, i -> sum[i] + count[i]);
        });
        List<String> weak = new ArrayList<>();
        places.forEach((place, n) -> {
            int counted = n[Fate.KILLED.ordinal()] + n[Fate.SURVIVED.ordinal()];
            double killed = counted == 0 ? 1 : (double) n[Fate.KILLED.ordinal()] / counted;
            report.append(String.format(
                    Locale.ROOT,
                    "%-32s %4d killed, %3d survived, %3d refused by the database, %3d equivalent: %3.0f %%%n",
                    place,
                    n[Fate.KILLED.ordinal()],
                    n[Fate.SURVIVED.ordinal()],
                    n[Fate.REFUSED.ordinal()],
                    n[EQUIVALENT],
                    killed * 100));
            if (place.endsWith("/") && killed < KILLED) {
                weak.add(place);
            }
        });
        return weak;
    }

    /// Files that have a golden, by their path below the package, without their ending.
    private static List<String> files() throws IOException {
        List<String> without = Files.readAllLines(GoldenCase.root().resolve("without.txt"));
        List<String> files = new ArrayList<>();
        AnalysisLibrary.ids().stream().filter(id -> !without.contains(id)).forEach(id -> files.add(ANALYSIS + id));
        Derived.names().stream()
                .filter(table -> MutationSessions.isSql(table) && !without.contains("tables/" + table))
                .forEach(table -> files.add("query/derived/" + table));
        Views.names().stream()
                .filter(view -> !without.contains("tables/" + view))
                .forEach(view -> files.add("query/views/" + view));
        return files.stream().filter(SqlMutationTest::asked).toList();
    }

    private static boolean asked(String file) {
        for (String prefix : System.getProperty("mutate", "").split(",", -1)) {
            if (file.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /// Mutants that answer as the file does, with the reason.
    private static Map<String, String> equivalent() throws IOException {
        Map<String, String> reasons = new HashMap<>();
        String reason = "";
        for (String line : Files.readAllLines(GoldenCase.root().resolve("equivalent.txt"))) {
            if (line.startsWith("#")) {
                reason = line.substring(1).strip();
            } else if (!line.isBlank()) {
                reasons.put(line.strip(), reason);
            }
        }
        return reasons;
    }
}
