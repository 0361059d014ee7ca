package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HourglassReaderTest {
    @TempDir
    private Path directory;

    @Test
    void tellsEmptyTextFromNoText() throws IOException {
        file("slice.csv", "id,ts,dur,track_id,name,category", "5,-10,0,1,\"\",", "6,20,-1,1,\"a,\"\"b\"\"\nc\",kernel");
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "ts", "dur", "name", "category"))
                .containsExactly("5 | -10 | 0 |  | -", "6 | 20 | -1 | a,\"b\"\nc | kernel");
        assertThat(own.losses()).isEmpty();
    }

    @Test
    void countsWhatDoesNotFit() throws IOException {
        file("slice.csv", "id,ts,colour", "1,x,red", "2,5,blue,too many", "3,7,green");
        file("kernel.csv", "what,is,this", "1,2,3");
        file("notes.txt", "hello");
        Files.write(directory.resolve("track.parquet"), new byte[] {1, 2, 3});
        Files.writeString(directory.resolve("counter.parquet"), "PAR1, but no more");
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "ts")).containsExactly("1 | -", "3 | 7");
        assertThat(own.losses())
                .containsExactlyInAnyOrder(
                        "data_loss damaged_table 1", "data_loss bad_number 1", "data_loss damaged_line 1");
        TraceReader.Claim claim = new HourglassReader().claim(FileSource.of(directory));
        assertThat(claim.entries()).containsExactlyInAnyOrder("slice.csv", "counter.parquet");
        assertThat(claim.others())
                .containsOnly(
                        Map.entry("kernel.csv", "has not the columns of the table kernel"),
                        Map.entry("track.parquet", "is no Parquet file"));
    }

    /// A name says which table it is, what stands in the file whether it is one.
    @Test
    void claimsWhatIsAnExport() throws IOException {
        file("perf_stat.csv", "1.26,msec,task-clock,1255063,100.00,0.011,CPUs utilized");
        file("hw_sample.csv", "timestamp,gpu,power,value,unit", "2026-01-01,0,300,1,W");
        file("metadata.csv", "name,value", "a,b");
        assertThat(new HourglassReader().claim(FileSource.of(directory)).entries())
                .isEmpty();
        assertThat(new HourglassReader().claim(FileSource.of(directory)).others())
                .containsOnlyKeys("perf_stat.csv", "hw_sample.csv", "metadata.csv");

        file("kernel.csv", "id,name,ts,dur,colour", "1,k,5,6,red");
        assertThat(new HourglassReader().claim(FileSource.of(directory)).entries())
                .containsExactlyInAnyOrder("kernel.csv", "metadata.csv");

        Files.writeString(directory.resolve("session.duckdb"), "SQLite format 3\0");
        TraceReader.Claim bogus = new HourglassReader().claim(FileSource.of(directory));
        assertThat(bogus.entries()).isEmpty();
        assertThat(bogus.others())
                .containsEntry("session.duckdb", "is no database of a session")
                .containsKeys("kernel.csv", "metadata.csv");
        try (TraceStore store = TraceStore.create(directory.resolve("fresh.duckdb"), BlockSize.SMALL)) {
            store.flush();
        }
        Files.move(
                directory.resolve("fresh.duckdb"),
                directory.resolve("session.duckdb"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(new HourglassReader().claim(FileSource.of(directory)).entries())
                .containsExactly("session.duckdb");
    }

    /// A name of a directory never has a meaning: not as a pattern, not as a column, not as an escape.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "run[12]",
                "a*b",
                "a?b",
                "[",
                "]",
                "**",
                "[!x]",
                "{1,2}",
                "ts=5",
                "name=k/ts=7",
                "ts=[12]",
                "~",
                "$HOME",
                "it's",
                "a\"b",
                "a;b",
                "a%20b",
                "#",
                "a\\b",
                "\\*",
                "ünï",
                " "
            })
    void takesEveryPathAsItStands(String name) throws Exception {
        for (String other : List.of("run1", "run2", "axb", "x", "1", "\\x", "ts=1")) {
            Files.createDirectories(directory.resolve(other));
            Files.writeString(directory.resolve(other).resolve("slice.csv"), "id,ts,name\n7,7,other\n");
        }
        Path odd = Files.createDirectories(directory.resolve(name));
        Files.writeString(odd.resolve("slice.csv"), "id,ts,name\n1,2,n\n3,4,m\n");
        Files.copy(parquet("SELECT 5::BIGINT AS id, 6::BIGINT AS ts, 9::BIGINT AS dur"), odd.resolve("kernel.parquet"));
        Imported own = Imported.of(new HourglassReader(), FileSource.of(odd));

        assertThat(own.losses()).isEmpty();
        assertThat(own.table(TraceTables.SLICE, "id", "ts", "name")).containsExactly("1 | 2 | n", "3 | 4 | m");
        assertThat(own.table(TraceTables.KERNEL, "id", "ts", "name")).containsExactly("5 | 6 | -");
    }

    private Path parquet(String query) throws Exception {
        Path file = directory.resolve("plain.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    @Test
    void readsTheFirstOfColumnsThatComeAgain() throws IOException {
        file("slice.csv", "id,ts,name,ts,id,'odd\u0301 (\"), ID", "1,2,n,3,4,5,6");
        file("kernel.csv", "id,ts,name,ts", "1,2,n,3");
        Imported own = read();

        assertThat(own.table(TraceTables.KERNEL, "id", "ts", "name")).containsExactly("1 | 2 | n");
        assertThat(own.table(TraceTables.SLICE, "id", "ts", "name")).containsExactly("1 | 2 | n");
        assertThat(own.losses()).containsExactly("data_loss repeated_column 3");
        assertThat(own.loss("repeated_column").orElseThrow().place()).contains(directory.toString());
    }

    /// The engine leaves such lines out, and says so of some.
    @Test
    void countsLinesThatAreLongerThanTheEngineTakes() throws IOException {
        file("slice.csv", "id,ts,name", "1,2,a", "3,4," + "x".repeat(17 << 20), "5,6,\"b\nc\"");
        file("kernel.csv", "id,ts,name", "1,2,a", "3,4," + "9".repeat(18 << 20), "5,6,c");
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "name")).containsExactly("1 | a", "5 | b\nc");
        assertThat(own.table(TraceTables.KERNEL, "id", "name")).containsExactly("1 | a", "5 | c");
        assertThat(own.losses()).contains("data_loss overlong_line 2");
    }

    /// The engine would copy the line for each of its cells.
    @Test
    void refusesAFileInWhichALineHasFarTooManyCells() throws IOException {
        file("slice.csv", "id,ts,name", "1,2,a", "3,4" + ",".repeat(1 << 17), "5,6,b");
        file("kernel.csv", "id,ts,name", "1,2,a", "3,4" + ",".repeat(100), "5,6,c");
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "name")).isEmpty();
        assertThat(own.table(TraceTables.KERNEL, "id", "name")).containsExactly("1 | a", "5 | c");
        assertThat(own.loss("unreadable_file").orElseThrow().place())
                .contains("slice.csv")
                .contains("cells");
    }

    @Test
    void countsIdentifiersAndNumbersThatCannotBe() throws Exception {
        file("slice.csv", "id,ts,name", "9223372036854775807,1,a", "-1,2,b", "3,99999999999999999999,c", "4,5,d");
        Files.move(
                parquet("SELECT 1e300::DOUBLE AS id, 170141183460469231731687303715884105727::HUGEINT AS ts,"
                        + " 7.0::DOUBLE AS dur, 1 AS source_id"),
                directory.resolve("kernel.parquet"));
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "ts", "name"))
                .containsExactly("- | 1 | a", "- | 2 | b", "3 | - | c", "4 | 5 | d");
        assertThat(own.table(TraceTables.KERNEL, "id", "ts", "dur")).containsExactly("- | - | 7");
        assertThat(own.losses()).containsExactly("data_loss bad_number 5");
        assertThat(own.context().take(ImportContext.Id.SLICE, 1)).isEqualTo(5);
    }

    @Test
    void refusesASessionOfANewerVersionAndADamagedOne() throws IOException {
        assertThat(HourglassTables.VERSION).isEqualTo(TraceStore.VERSION);
        try (TraceStore store = TraceStore.create(directory.resolve("session.duckdb"), BlockSize.SMALL)) {
            store.execute("UPDATE metadata SET value = '99' WHERE name = 'session.version'");
        }
        assertThatThrownBy(this::read).isInstanceOf(TraceFormatException.class).hasMessageContaining("99");

        Files.write(directory.resolve("session.duckdb"), new byte[] {1, 2, 3});
        assertThatThrownBy(this::read)
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("readable session");
    }

    @Test
    void knowsTheKindOfEveryIdentifier() {
        for (Table table : Tables.all()) {
            table.columns().stream()
                    .filter(column ->
                            column.name().equals("id") || column.name().endsWith("_id"))
                    .filter(column -> !column.name()
                            .matches("(token|external|python|python_parent|python_module|graph|graph_node|trace)_id"))
                    .forEach(column -> assertThat(HourglassIds.kind(table, column))
                            .as(table.name() + "." + column.name())
                            .isPresent());
        }
    }

    private Imported read() throws IOException {
        return Imported.of(new HourglassReader(), FileSource.of(directory));
    }

    private void file(String name, String... lines) throws IOException {
        Files.writeString(directory.resolve(name), String.join("\n", lines) + "\n");
    }
}
