package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.hourglass.core.read.chrome.ChromeRead;
import dev.hourglass.core.read.chrome.ChromeTraceReader;
import dev.hourglass.core.read.nsys.NsysSqliteReader;
import dev.hourglass.core.read.session.JsonFacts;
import dev.hourglass.core.read.text.PrometheusReader;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Archives that unpack without an error, and whose check sum says that the content is wrong.
class DamagedArchiveTest {
    private static final int GZIP_TRAILER = 8;

    @TempDir
    Path directory;

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new Stored(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static byte[] zstd(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStreamNoFinalizer(packed).setChecksum(true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static byte[] packed(String packing, String text) throws IOException {
        return packing.equals("gzip") ? gzip(text) : zstd(text);
    }

    private Imported read(TraceReader reader, byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("input"), bytes);
        return Imported.of(reader, FileSource.of(file));
    }

    private static String trace(int events) {
        StringBuilder json = new StringBuilder("{\"traceEvents\": [");
        for (int i = 0; i < events; i++) {
            json.append(i == 0 ? "" : ",\n").append(ChromeRead.span("n" + i * 7919 % 10_007, i * 10L, 5));
        }
        return json.append("]}\n").toString();
    }

    private static String metrics(int lines) {
        StringBuilder text = new StringBuilder("# TYPE steps counter\n");
        for (int i = 0; i < lines; i++) {
            text.append("steps{rank=\"")
                    .append(i)
                    .append("\"} ")
                    .append(i * 7919L)
                    .append('\n');
        }
        return text.toString();
    }

    @Test
    void aDigitThatChangedInAnArchiveIsTold() throws IOException {
        String text = "[" + ChromeRead.span("a", 10, 12_345) + "]";
        byte[] bytes = gzip(text);
        int digit = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("12345");
        bytes[digit] = '9';
        Imported read = read(new ChromeTraceReader(), bytes);
        assertThat(read.table(TraceTables.SLICE, "dur")).containsExactly("92345000");
        assertThat(read.loss("damaged_archive")).hasValueSatisfying(loss -> {
            assertThat(loss.severity()).isEqualTo(Severity.DATA_LOSS);
            assertThat(loss.place()).contains("check sum", "unpacked byte " + text.length());
        });
        assertThat(read.loss("truncated")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"gzip, 1", "gzip, 50000", "zstd, 1", "zstd, 50000"})
    void aWrongCheckSumCostsNoEventOfATrace(String packing, int events) throws IOException {
        byte[] bytes = packed(packing, trace(events));
        assertThat(read(new ChromeTraceReader(), bytes).loss("damaged_archive")).isEmpty();
        bytes[bytes.length - (packing.equals("gzip") ? GZIP_TRAILER : 1)] ^= 4;
        Imported read = read(new ChromeTraceReader(), bytes);
        assertThat(read.rows(TraceTables.SLICE)).hasSize(events);
        assertThat(read.loss("damaged_archive")).map(ImportStats.Loss::count).contains(1L);
        assertThat(read.loss("truncated")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"gzip, 1", "gzip, 50000", "zstd, 1", "zstd, 50000"})
    void aWrongCheckSumCostsNoLineOfAText(String packing, int lines) throws IOException {
        byte[] bytes = packed(packing, metrics(lines));
        assertThat(read(new PrometheusReader(), bytes).losses()).isEmpty();
        bytes[bytes.length - (packing.equals("gzip") ? GZIP_TRAILER : 1)] ^= 4;
        Imported read = read(new PrometheusReader(), bytes);
        assertThat(read.rows(TraceTables.METRIC)).hasSize(lines);
        assertThat(read.losses()).containsExactly("data_loss damaged_archive 1");
    }

    @ParameterizedTest
    @CsvSource({"gzip, 1", "gzip, 8", "zstd, 1", "zstd, 4"})
    void aCheckSumThatIsCutOffIsTold(String packing, int missing) throws IOException {
        byte[] text = packed(packing, metrics(50_000));
        Imported lines = read(new PrometheusReader(), Arrays.copyOf(text, text.length - missing));
        assertThat(lines.rows(TraceTables.METRIC)).hasSize(50_000);
        assertThat(lines.losses()).hasSize(1).first().asString().startsWith("data_loss");
        byte[] trace = packed(packing, trace(5000));
        Imported events = read(new ChromeTraceReader(), Arrays.copyOf(trace, trace.length - missing));
        assertThat(events.rows(TraceTables.SLICE)).hasSize(5000);
        assertThat(events.losses()).anyMatch(loss -> loss.startsWith("data_loss"));
    }

    @ParameterizedTest
    @CsvSource({"gzip", "zstd"})
    void anArchiveThatBreaksOffAtALineEndIsTold(String packing) throws IOException {
        byte[] bytes = packed(packing, metrics(80_000));
        Imported read = read(new PrometheusReader(), Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(read.rows(TraceTables.METRIC).size()).isBetween(1000, 79_999);
        assertThat(read.loss("truncated")).isPresent();
    }

    @Test
    void aWrongCheckSumIsToldOfADatabase() throws Exception {
        Path file = directory.resolve("export.sqlite");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL)");
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new Stored(packed)) {
            out.write(Files.readAllBytes(file));
        }
        byte[] bytes = packed.toByteArray();
        assertThat(read(new NsysSqliteReader(), bytes).loss("damaged_archive")).isEmpty();
        bytes[bytes.length - GZIP_TRAILER] ^= 4;
        Imported read = read(new NsysSqliteReader(), bytes);
        assertThat(read.loss("damaged_archive")).isPresent();
        assertThat(read.loss("truncated")).isEmpty();
    }

    @Test
    void aWrongCheckSumIsToldOfASmallFileOfFacts() throws IOException {
        byte[] bytes = gzip("{\"a\": 1, \"b\": {\"c\": 2}}");
        bytes[bytes.length - GZIP_TRAILER] ^= 4;
        ImportContext context = ImportContext.standalone();
        CollectedRows rows = new CollectedRows();
        try (RowWriter row = new RowWriter(Tables.METADATA, rows)) {
            JsonFacts.read(FileSource.of(Files.write(directory.resolve("facts"), bytes)), context, "x.", row);
        }
        assertThat(rows.of(Tables.METADATA))
                .extracting(fact -> fact.get("name"))
                .containsExactly("x.a", "x.b.c");
        assertThat(context.stats().losses()).extracting(ImportStats.Loss::kind).containsExactly("damaged_archive");
    }

    @ParameterizedTest
    @CsvSource({"gzip", "zstd"})
    void membersMayFollowEachOther(String packing) throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(packed(packing, metrics(40_000)));
        both.write(packed(packing, "last_steps 5\n"));
        Imported read = read(new PrometheusReader(), both.toByteArray());
        assertThat(read.rows(TraceTables.METRIC)).hasSize(40_001);
        assertThat(read.losses()).isEmpty();
    }

    /// An archive whose content stands in it as it is.
    private static final class Stored extends GZIPOutputStream {
        Stored(OutputStream out) throws IOException {
            super(out);
            def.setLevel(0);
        }
    }
}
