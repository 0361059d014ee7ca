package dev.hourglass.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceTables;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.sqlite.JDBC;

/// What stands in an export, by the driver alone.
final class SlowNsys {
    private static final Map<String, Table> TABLES = Map.of(
            "CUPTI_ACTIVITY_KIND_KERNEL", TraceTables.KERNEL,
            "CUPTI_ACTIVITY_KIND_MEMCPY", TraceTables.MEMCPY,
            "CUPTI_ACTIVITY_KIND_RUNTIME", TraceTables.LAUNCH);

    private SlowNsys() {}

    /// Every row is there or counted.
    static void compare(Imported read, Path file) {
        long lost = read.context().stats().losses().stream()
                .filter(loss -> loss.severity() == Severity.DATA_LOSS)
                .mapToLong(ImportStats.Loss::count)
                .sum();
        TABLES.forEach((name, table) -> rows(file, name)
                .ifPresent(rows -> assertThat(read.rows(table).size() + lost)
                        .as(name + " " + read.losses())
                        .isGreaterThanOrEqualTo(rows)));
    }

    /// Empty where they cannot be counted.
    private static OptionalLong rows(Path file, String table) {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return OptionalLong.of(rows.getLong(1));
        } catch (SQLException e) {
            return OptionalLong.empty();
        }
    }
}
