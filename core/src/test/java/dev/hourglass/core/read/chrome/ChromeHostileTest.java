package dev.hourglass.core.read.chrome;

import static dev.hourglass.core.read.chrome.ChromeRead.events;
import static dev.hourglass.core.read.chrome.ChromeRead.span;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers, times and lengths that nobody records, each between two events that somebody did: it is counted, and the
/// two
/// are there.
final class ChromeHostileTest {
    /// Longer than any value that is read whole.
    private static final int OVERLONG = Window.LARGEST + (1 << 20);

    @TempDir
    Path directory;

    private ChromeRead read(String json) throws IOException {
        return ChromeRead.of(Files.writeString(directory.resolve("trace.json"), json));
    }

    private static void assertBothThere(ChromeRead read) {
        assertThat(read.slices()).extracting(slice -> slice.get("name")).contains("a", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"local\":\"é\"}",
                "{\"local\":\"a\\nb\"}",
                "{\"global\":\"\\u00e9\"}",
                "{\"local\":\"\\ud83d\"}",
                "\"\\u0041\"",
                "\"é\"",
                "{}",
                "[\"é\"]"
            })
    void anIdMayHoldAnyText(String id) throws IOException {
        String asynchronous =
                "{\"ph\":\"%s\",\"cat\":\"c\",\"name\":\"n\",\"pid\":1,\"tid\":1,\"ts\":%d,\"id\":7,\"id2\":%s}";
        ChromeRead read = read(events(
                span("a", 0, 1),
                String.format(asynchronous, "b", 2, id),
                String.format(asynchronous, "e", 5, id),
                span("b", 9, 1)));
        assertBothThere(read);
        assertThat(read.slices())
                .filteredOn(slice -> "n".equals(slice.get("name")))
                .singleElement()
                .satisfies(slice -> assertThat(slice).containsEntry("dur", 3000L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1e20000000", "-1E999999999", "1e-20000000", "1e99999999999999999999", "0e20000000", "1e17"})
    void anExponentCostsNoTime(String number) throws IOException {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> checkNumber(number));
    }

    @ParameterizedTest
    @CsvSource({"9, 1000000", "0.0, 1000000", "1e, 1000000"})
    void aMegabyteOfDigitsCostsNoTime(String begin, int digits) throws IOException {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> checkNumber(begin + "7".repeat(digits)));
    }

    private void checkNumber(String number) throws IOException {
        String event = "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"n\",\"pid\":1,\"tid\":1,\"ts\":%s,\"dur\":%s,"
                + "\"args\":{\"bytes\":%s,\"est. achieved occupancy %%\":%s,\"grid\":[%s,1,1],\"x\":%s}}";
        for (String quote : List.of("", "\"")) {
            String written = quote + number + quote;
            ChromeRead read = read(events(
                    span("a", 0, 1),
                    String.format(event, written, "1", "1", "1", "1", "1"),
                    String.format(event, "5", written, "1", "1", "1", "1"),
                    String.format(event, "6", "1", written, written, written, written),
                    span("b", 9, 1)));
            assertBothThere(read);
            long there = read.slices().stream()
                    .filter(slice -> "n".equals(slice.get("name")))
                    .count();
            assertThat(there + read.lost("bad_event") + read.lost("impossible_time"))
                    .isBetween(3L, 4L);
        }
    }

    /// Microseconds; what lies within is kept to the nanosecond.
    @ParameterizedTest
    @CsvSource({
        "4611686018427387.903, 0, 1",
        "4611686018427387.904, 1, 0",
        "9223372036854775.807, 1, 0",
        "9223372036854775807, 1, 0",
        "-2305843009213693.952, 0, 1",
        "-2305843009213693.953, 1, 0",
        "-9223372036854775.808, 1, 0"
    })
    void anImpossibleTimeIsCounted(String ts, long lost, int kept) throws IOException {
        String event =
                "{\"ph\":\"%s\",\"name\":\"n\",\"pid\":1,\"tid\":1,\"ts\":" + ts + ",\"dur\":0,\"args\":{\"v\":1}}";
        for (String phase : List.of("X", "i", "B", "b", "C")) {
            ChromeRead read = read(events(span("a", 0, 1), String.format(event, phase), span("b", 9, 1)));
            assertBothThere(read);
            assertThat(read.lost("impossible_time") + read.lost("bad_event"))
                    .as(phase)
                    .isEqualTo(lost);
            assertThat(read.slices()).hasSize(2 + (phase.equals("C") ? 0 : kept));
        }
    }

    @Test
    void aSpanThatCannotHaveLastedSoLongHasNoDuration() throws IOException {
        ChromeRead read = read(events(span("a", 4_000_000_000_000_000L, 1_000_000_000_000_000L), span("b", 9, 1)));
        assertBothThere(read);
        assertThat(read.slices().getFirst()).containsEntry("dur", -1L);
        assertThat(read.lost("impossible_time")).isEqualTo(1);
    }

    /// Each is possible alone; together they are not.
    @Test
    void aBaseThatLeavesNoTimePossibleIsNone() throws IOException {
        ChromeRead read = read("{\"baseTimeNanoseconds\": 4000000000000000000, \"traceEvents\": "
                + events(span("a", 1_000_000_000_000_000L, 1), span("b", 9, 1)) + "}");
        assertThat(read.slices())
                .extracting(slice -> slice.get("ts"))
                .containsExactly(1_000_000_000_000_000_000L, 9_000L);
        assertThat(read.lost("impossible_base_time")).isEqualTo(1);
        assertThat(read.context().clock().base()).isEqualTo(SourceClock.Base.RELATIVE);
    }

    /// On one thread, on several and out of an archive.
    @ParameterizedTest
    @CsvSource({"PLAIN, {", "STRETCHES, {", "GZIP, {", "PLAIN, \""})
    void aValueThatNoBufferHoldsCostsNothingButItself(String road, String opening) throws IOException {
        Path file = directory.resolve("long.json");
        try (OutputStream out =
                road.equals("GZIP") ? new GZIPOutputStream(Files.newOutputStream(file)) : Files.newOutputStream(file)) {
            write(out, "{\"before\":");
            overlong(out, "[{\"x\":[", "]}]");
            write(out, ",\"traceEvents\":[" + span("a", 0, 1) + ",");
            if (opening.equals("{")) {
                overlong(out, "{\"ph\":\"X\",\"ts\":3,\"args\":{\"y\":[", "]}}");
            } else {
                overlong(out, "\"", "\"");
            }
            write(out, "," + span("b", 9, 1) + "],\"baseTimeNanoseconds\":5000,\"behind\":");
            overlong(out, "\"", "\"");
            write(out, ",\"last\":1}");
        }
        ChromeTraceReader reader =
                road.equals("STRETCHES") ? new ChromeTraceReader(0, 1 << 20) : new ChromeTraceReader();
        ChromeRead read = ChromeRead.of(reader, file, ImportContext.standalone());

        assertBothThere(read);
        assertThat(read.slices())
                .hasSize(2)
                .first()
                .satisfies(slice -> assertThat(slice).containsEntry("ts", 5000L));
        assertThat(read.lost("overlong_event")).isEqualTo(1);
        assertThat(read.lost("value_cut")).isEqualTo(2);
        assertThat(read.losses()).hasSize(2);
        assertThat(read.rows().of(Tables.METADATA))
                .extracting(fact -> String.valueOf(fact.get("name")).replaceFirst(".*\\.", ""))
                .containsExactly("before", "baseTimeNanoseconds", "behind", "last");
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Behind escapes, quotes and brackets within texts.
    private static void overlong(OutputStream out, String begin, String end) throws IOException {
        write(out, begin);
        boolean list = end.startsWith("]");
        byte[] item = (list ? "{\"name\":\"}]\\\"\\\\\"}," : "} {\\\"\\\\ [,").getBytes(StandardCharsets.UTF_8);
        byte[] many = new byte[item.length * 4096];
        for (int i = 0; i < many.length; i++) {
            many[i] = item[i % item.length];
        }
        for (long written = 0; written < OVERLONG; written += many.length) {
            out.write(many);
        }
        write(out, (list ? "0" : "") + end);
    }

    @Test
    void aTextAroundTheEventsThatIsCutIsCounted() throws IOException {
        String many = "x".repeat(ChromeEnvelope.LONGEST);
        ChromeRead read = read("{\"whole\": \"" + many + "\", \"cut\": \"" + many + "yz\", \"traceEvents\": "
                + events(span("a", 0, 1), span("b", 9, 1)) + "}");
        assertBothThere(read);
        assertThat(read.lost("value_cut")).isEqualTo(1);
        assertThat(read.rows().of(Tables.METADATA))
                .extracting(fact -> String.valueOf(fact.get("value")).length())
                .containsExactly(ChromeEnvelope.LONGEST, ChromeEnvelope.LONGEST + 1);
    }

    @Test
    void membersThatAreTooManyAreCounted() throws IOException {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < 10_003; i++) {
            members.append("\"m").append(i).append("\":").append(i).append(',');
        }
        ChromeRead read = read("{" + members + "\"traceEvents\": " + events(span("a", 0, 1), span("b", 9, 1)) + "}");
        assertBothThere(read);
        assertThat(read.lost("facts_left_out")).isEqualTo(3);
    }

    /// Files that were written one behind the other, lists that were, and what an editor leaves.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[%s]|[%s]|content_behind",
                "[%s]|,%s]|content_behind",
                "{\"traceEvents\":[%s]}|{\"traceEvents\":[%s]}|content_behind",
                "{\"traceEvents\":[%s]|,\"traceEvents\":[%s]}|second_list",
                "{\"traceEvents\":[%s]}|x|content_behind"
            })
    void whatStandsBehindTheEndIsCounted(String first, String more, String kind) throws IOException {
        String text = String.format(first, span("a", 0, 1) + "," + span("b", 9, 1)) + "\n"
                + String.format(more, span("c", 20, 1));
        Path file = Files.writeString(directory.resolve("two.json"), text);
        for (ChromeTraceReader reader : List.of(new ChromeTraceReader(), new ChromeTraceReader(0, 50))) {
            ChromeRead read = ChromeRead.of(reader, file, ImportContext.standalone());
            assertBothThere(read);
            assertThat(read.lost(kind)).isEqualTo(1);
        }
        ChromeRead one = read(String.format(first, span("a", 0, 1) + "," + span("b", 9, 1)) + " \n\0\n");
        assertThat(one.lost(kind) + one.lost("truncated"))
                .isEqualTo(first.endsWith("}") || first.startsWith("[") ? 0 : 1);
    }

    @Test
    void whiteSpaceThatNoBufferHoldsIsNone() throws IOException {
        ChromeRead read = read("[" + span("a", 0, 1) + "," + " ".repeat(OVERLONG) + span("b", 9, 1) + "]");
        assertBothThere(read);
        assertThat(read.losses()).extracting(loss -> loss.kind()).containsOnly("no_base_time");
    }
}
