package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        Imported own = read();

        assertThat(own.table(TraceTables.SLICE, "id", "ts")).containsExactly("1 | -", "3 | 7");
        assertThat(own.losses())
                .containsExactlyInAnyOrder(
                        "notice unknown_file 1",
                        "error unknown_columns 1",
                        "data_loss damaged_table 1",
                        "data_loss bad_number 1",
                        "data_loss damaged_line 1");
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
