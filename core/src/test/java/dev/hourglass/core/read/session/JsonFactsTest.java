package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of files of facts that nobody would write.
final class JsonFactsTest {
    @TempDir
    private Path directory;

    private final ImportContext context = ImportContext.standalone();
    private final CollectedRows rows = new CollectedRows();

    private void read(byte[] bytes) throws IOException {
        try (RowWriter row = new RowWriter(Tables.METADATA, rows)) {
            JsonFacts.read(FileSource.of(Files.write(directory.resolve("facts"), bytes)), context, "x.", row);
        }
    }

    @Test
    void factsThatAreTooManyAreCounted() throws IOException {
        read(IntStream.range(0, 100_007)
                .mapToObj(i -> "\"f" + i + "\":" + i)
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(rows.of(Tables.METADATA)).hasSize(100_000);
        assertThat(context.stats().losses()).singleElement().satisfies(loss -> {
            assertThat(loss.kind()).isEqualTo("facts_left_out");
            assertThat(loss.count()).isEqualTo(7);
        });
    }

    /// Nesting, numbers and encodings beyond what is read, after two facts that are.
    @ParameterizedTest
    @CsvSource({"[, 100000", "9, 1000000", "{\"a\":, 5000"})
    void whatCannotBeReadOnIsCounted(String more, int times) throws IOException {
        read(("{\"a\":1,\"b\":\"é\",\"c\":" + more.repeat(times)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(rows.of(Tables.METADATA)).hasSize(2);
        assertThat(context.stats().losses()).extracting(loss -> loss.kind()).containsExactly("damaged_json");
    }

    @ParameterizedTest
    @CsvSource({"0000007b0000007d", "7b0000007d000001", "0000feff7b", "0000fffe00", "7b2261223a3100000000"})
    void bytesOfOtherEncodingsAreCounted(String bytes) throws IOException {
        read(HexFormat.of().parseHex(bytes));
        assertThat(context.stats().losses().size() + rows.of(Tables.METADATA).size())
                .isLessThanOrEqualTo(2);
        assertThat(context.stats().losses())
                .allSatisfy(loss -> assertThat(loss.kind()).isEqualTo("damaged_json"));
    }
}
