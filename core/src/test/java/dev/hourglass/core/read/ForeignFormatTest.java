package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.chrome.ChromeRead;
import dev.hourglass.core.read.chrome.ChromeTraceReader;
import dev.hourglass.core.read.text.NvidiaSmiReader;
import dev.hourglass.core.read.text.PrometheusReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Inputs that are not read, and what is said about them; and text that is decoded before.
class ForeignFormatTest {
    /// Two packets: a timestamp and a sequence; a timestamp and two bytes of an event.
    private static final byte[] PACKETS = {0x0A, 4, 0x40, 7, 0x50, 1, 0x0A, 6, 0x40, 8, 0x5A, 2, 0x48, 1};

    @TempDir
    Path directory;

    private Optional<String> advice(String name, byte[] bytes) throws IOException {
        FileSource source = FileSource.of(Files.write(directory.resolve(name), bytes));
        assertThat(Readers.find(source.head())).isEmpty();
        return ForeignFormat.advice(source);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void unpacksNoZip() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(packed)) {
            zip.putNextEntry(new ZipEntry("trace.json"));
        }
        Path traces = directory.resolve("traces");
        assertThat(advice("traces.zip", packed.toByteArray()).orElseThrow())
                .contains("zip archive", "`unzip " + traces + ".zip -d " + traces + "`", "import " + traces);
        assertThat(advice("traces", packed.toByteArray()).orElseThrow()).contains("-d " + traces + ".unpacked`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "# started on Sat Nov 21 23:20:24 2026\n\n\n", "what the program prints\n\n"})
    void readsNoCountsForPeople(String before) throws IOException {
        String text = before
                + " Performance counter stats for 'sleep 1':\n\n   1.23 msec task-clock   #    0.001 CPUs utilized\n";
        assertThat(advice("perf.txt", text.getBytes(StandardCharsets.UTF_8)).orElseThrow())
                .contains("perf stat prints", "`perf stat -j -o ");
    }

    @ParameterizedTest
    @CsvSource({"a.pftrace", "a.perfetto-trace", "a.bin"})
    void readsNoPacketsOfPerfetto(String name) throws IOException {
        assertThat(advice(name, PACKETS).orElseThrow())
                .contains(
                        "Perfetto",
                        "`traceconv json " + directory.resolve(name) + " ",
                        directory.resolve("a.json") + "`");
        assertThat(advice(name + ".gz", gzip(PACKETS)).orElseThrow()).contains("Perfetto");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\n\u0004abcd", "\n some text\nand more\n", "\n\n\n\n\n\n", ""})
    void knowsNothingOfOtherFiles(String text) throws IOException {
        assertThat(advice("notes.txt", text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void asksForAMarkOrUtf8(String charset) throws IOException {
        assertThat(advice("smi.csv", "timestamp, power.draw [W]\n".getBytes(Charset.forName(charset)))
                        .orElseThrow())
                .contains("UTF-16", "UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"UTF-16LE, false", "UTF-16BE, false", "UTF-16LE, true"})
    void readsUtf16WithAMark(String charset, boolean packed) throws IOException {
        StringBuilder text = new StringBuilder("\uFEFFtimestamp, index, name, power.draw [W]\r\n");
        for (int i = 0; i < 5000; i++) {
            text.append("2026/11/21 23:20:24.123, 0, \uD83D\uDE00é, ").append(i).append(" W\r\n");
        }
        byte[] bytes = text.toString().getBytes(Charset.forName(charset));
        FileSource source = FileSource.of(Files.write(directory.resolve("smi.csv"), packed ? gzip(bytes) : bytes));
        assertThat(source.plainFile()).isEmpty();
        assertThat(Readers.find(source.head())).containsInstanceOf(NvidiaSmiReader.class);
        Imported csv = Imported.of(new NvidiaSmiReader(), source);
        assertThat(csv.rows(TraceTables.HW_SAMPLE)).hasSize(5000);
        assertThat(csv.rows(TraceTables.HW_SAMPLE).getLast()).containsEntry("value", 4999.0);
        assertThat(csv.losses()).containsExactly("info text_field 5000");
        assertThat(csv.loss("text_field").orElseThrow().place()).contains("\uD83D\uDE00é");
    }

    @Test
    void readsATraceInUtf16() throws IOException {
        byte[] bytes = ("\uFEFF" + ChromeRead.events(ChromeRead.span("é", 1, 2))).getBytes(StandardCharsets.UTF_16LE);
        Imported trace =
                Imported.of(new ChromeTraceReader(), FileSource.of(Files.write(directory.resolve("t.json"), bytes)));
        assertThat(trace.table(TraceTables.SLICE, "name", "ts", "dur")).containsExactly("é | 1000 | 2000");
    }

    /// Pairs that would be torn apart wherever reading stops and goes on.
    @Test
    void keepsPairsWhole() throws IOException {
        for (String before : List.of("", "x")) {
            String text = before + "😀".repeat(20_000);
            byte[] bytes = ("\uFEFF" + text).getBytes(StandardCharsets.UTF_16LE);
            try (InputStream in = new Utf16Input(new ByteArrayInputStream(bytes))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(text);
            }
        }
    }

    @Test
    void replacesWhatIsNoUtf16() throws IOException {
        byte[] bytes = ("\uFEFF# TYPE a gauge\na{x=\"?\"} 1\na 2\n").getBytes(StandardCharsets.UTF_16LE);
        int mark = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('?');
        bytes[mark + 1] = (byte) 0xDC;
        Imported metrics =
                Imported.of(new PrometheusReader(), FileSource.of(Files.write(directory.resolve("m.prom"), bytes)));
        assertThat(metrics.rows(TraceTables.METRIC)).hasSize(2);
        assertThat(metrics.losses()).containsExactly("notice repaired_text 1");
    }
}
