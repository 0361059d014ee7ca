package dev.hourglass.core.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QuantileTest {
    @Test
    void interpolatesBetweenNeighbours() {
        double[] samples = {40, 10, 20, 30};
        assertThat(Quantile.of(samples, 0.0, 0.5, 0.9, 1.0))
                .containsExactly(new double[] {10, 25, 37, 40}, within(1e-12));
        assertThat(samples).as("left as they are").containsExactly(40, 10, 20, 30);
        assertThat(Quantile.median(new double[] {7})).isEqualTo(7);
        assertThat(Quantile.median(new double[0])).isNaN();
    }

    /// Figures of Java and of SQL mean the same.
    @Test
    void isTheDatabasesQuantile() throws SQLException {
        Random random = new Random(2);
        try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = database.createStatement()) {
            for (int n : new int[] {1, 2, 3, 4, 5, 10, 99, 100, 101}) {
                double[] samples = random.doubles(n, 0, 1000).toArray();
                String list =
                        Arrays.stream(samples).mapToObj(v -> v + "::DOUBLE").collect(Collectors.joining(", "));
                try (ResultSet row =
                        statement.executeQuery("SELECT quantile_cont(v, 0.25), median(v), quantile_cont(v, 0.9),"
                                + " quantile_cont(v, 0.99), coalesce(stddev_samp(v), 0), avg(v) FROM (SELECT unnest(["
                                + list
                                + "]) AS v)")) {
                    row.next();
                    Distribution d = Samples.distribution(Unit.COUNT, samples);
                    assertThat(Quantile.of(samples, 0.25)).isCloseTo(row.getDouble(1), within(1e-9));
                    assertThat(d.p50()).isCloseTo(row.getDouble(2), within(1e-9));
                    assertThat(Quantile.of(samples, 0.9)).isCloseTo(row.getDouble(3), within(1e-9));
                    assertThat(Quantile.of(samples, 0.99)).isCloseTo(row.getDouble(4), within(1e-9));
                    assertThat(d.stddev()).isCloseTo(row.getDouble(5), within(1e-9));
                    assertThat(d.mean()).isCloseTo(row.getDouble(6), within(1e-9));
                }
            }
        }
    }

    /// A percentile is told from the number of samples on of which one lies beyond it: the same in Java and in SQL.
    @Test
    void ofFewSamplesThereIsNoHighPercentile() throws SQLException {
        String macro = text(Path.of("src/main/resources/dev/hourglass/core/query/views/percentile.sql"));
        try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = database.createStatement()) {
            statement.execute(macro);
            for (int n : new int[] {1, 9, 10, 19, 20, 99, 100}) {
                double[] samples = IntStream.range(0, n).mapToDouble(i -> i).toArray();
                Distribution d = Samples.distribution(Unit.COUNT, samples);
                try (ResultSet row = statement.executeQuery(
                        "SELECT percentile(v, 0.9), percentile(v, 0.95), percentile(v, 0.99) FROM range(" + n
                                + ") AS r(v)")) {
                    row.next();
                    assertThat(row.getObject(1) == null).as("p90 of " + n).isEqualTo(n < 10);
                    assertThat(row.getObject(2) == null).as("p95 of " + n).isEqualTo(n < 20);
                    assertThat(row.getObject(3) == null).as("p99 of " + n).isEqualTo(n < 100);
                }
                assertThat(Double.isNaN(d.p90())).isEqualTo(n < 10);
                assertThat(Double.isNaN(d.p99())).isEqualTo(n < 100);
            }
        }
        assertThat(Distribution.fewest(0.95)).isEqualTo(20);
    }

    /// A quantile beyond the median that is written without that rule tells what nobody measured.
    @Test
    void everyHighQuantileOfAQueryGoesByThatRule() throws IOException {
        Pattern high = Pattern.compile(
                "quantile_cont\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*, 0\\.9\\d*\\)");
        try (Stream<Path> files = Files.walk(Path.of("src/main"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".sql")))
                    .allSatisfy(file -> assertThat(high.matcher(text(file)).results())
                            .as("%s", file)
                            .isEmpty());
        }
    }

    /// `quantile` and `quantile_disc` choose a sample, `approx_quantile` estimates.
    @Test
    void noSqlUsesAnotherDefinition() throws IOException {
        Pattern quantile = Pattern.compile("\\b(\\w*(?:quantile|percentile|median)\\w*)\\s*\\(");
        List<String> used;
        try (Stream<Path> files = Files.walk(Path.of("src/main"))) {
            used = files.filter(file -> file.toString().endsWith(".sql"))
                    .flatMap(file -> quantile.matcher(text(file)).results().map((MatchResult m) -> m.group(1)))
                    .distinct()
                    .sorted()
                    .toList();
        }
        assertThat(used).containsExactly("median", "percentile", "quantile_cont");
    }

    @Test
    void ofWholeNumbersIsExact() {
        long epoch = 1_790_000_000_000_000_001L;
        assertThat(Quantile.median(new long[] {epoch - 5, epoch, epoch + 9})).isEqualTo(epoch);
        assertThat(Quantile.median(new long[] {epoch, epoch + 3})).isEqualTo(epoch + 1);
        assertThat(Quantile.median(new long[] {Long.MAX_VALUE - 2, Long.MAX_VALUE}))
                .isEqualTo(Long.MAX_VALUE - 1);
    }

    @Test
    void aSingleSampleHasNoSpread() {
        Distribution d = Samples.distribution(Unit.COUNT, new double[] {3});
        assertThat(d).isEqualTo(new Distribution(Unit.COUNT, 1, 3, 0, 3, 3, Double.NaN, Double.NaN, 3));
        assertThat(Samples.standardError(d)).isZero();
        assertThatThrownBy(() -> Samples.distribution(Unit.COUNT, new double[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
