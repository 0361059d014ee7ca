package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTableTest {
    @TempDir
    Path directory;

    private final ImportContext context = ImportContext.standalone();

    private List<String> read(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("t.csv"), text);
        List<String> rows = new ArrayList<>();
        CsvTable.each(
                FileSource.of(file),
                context,
                List.of("a", "b"),
                row -> rows.add(row.integer("a") + " " + row.real("b")));
        return rows;
    }

    private List<String> losses() {
        return context.stats().losses().stream().map(ImportStats.Loss::kind).toList();
    }

    @Test
    void leavesOutALastValueThatIsShorterThanAllBefore() throws IOException {
        assertThat(read("a,b\n1,1.234\n2,1.2345\n3,1.2"))
                .containsExactly(
                        "OptionalLong[1] OptionalDouble[1.234]",
                        "OptionalLong[2] OptionalDouble[1.2345]",
                        "OptionalLong[3] OptionalDouble.empty");
        assertThat(losses()).containsExactly("truncated");
    }

    @Test
    void keepsALastValueThatMayBeWhole() throws IOException {
        assertThat(read("a,b\n1,1.234\n2,1.2\n3,1.5")).endsWith("OptionalLong[3] OptionalDouble[1.5]");
        assertThat(losses()).containsExactly("last_line_unended");
    }

    @Test
    void readsTheFirstOfColumnsThatComeAgain() throws IOException {
        assertThat(read("a,a,c,b\n1,2,3,4\n5,6,7\n")).containsExactly("OptionalLong[1] OptionalDouble[4.0]");
        assertThat(losses()).containsExactly("repeated_column", "damaged_line");
    }

    @Test
    void keepsTheOnlyLine() throws IOException {
        assertThat(read("a,b\n1,1")).containsExactly("OptionalLong[1] OptionalDouble[1.0]");
        assertThat(losses()).containsExactly("last_line_unended");
    }
}
