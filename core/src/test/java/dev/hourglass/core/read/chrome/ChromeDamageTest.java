package dev.hourglass.core.read.chrome;

import static dev.hourglass.core.read.chrome.ChromeRead.events;
import static dev.hourglass.core.read.chrome.ChromeRead.span;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Readers;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Events that are not what they should be, among others that are.
class ChromeDamageTest {
    @TempDir
    Path directory;

    private ChromeRead read(String json) throws IOException {
        return read(json.getBytes(StandardCharsets.UTF_8));
    }

    private ChromeRead read(byte[] bytes) throws IOException {
        return ChromeRead.of(Files.write(directory.resolve("trace.json"), bytes));
    }

    @Test
    void oneBadEventIsCountedAndTheOthersStay() throws IOException {
        ChromeRead read = read(events(
                span("a", 0, 1),
                "{\"ph\": \"X\", \"name\": \"bad\", \"pid\": 1, \"tid\": 1, \"ts\": 5, \"dur\": }",
                span("b", 10, 1)));
        assertThat(read.slices()).extracting(s -> s.get("name")).containsExactly("a", "b");
        assertThat(read.lost("bad_event")).isEqualTo(1);
        assertThat(read.losses().getFirst().place()).startsWith("byte ");
    }

    /// In a file with the base of its times behind the events, read by one thread and by several.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "17",
                "\"text\"",
                "[]",
                "[{\"a\": 1}, 2]",
                "{\"ph\": \"X\", \"name\": \"bad\", \"pid\": 1, \"tid\": 1, \"ts\": 5, \"dur\": @5}",
                "{\"ph\": \"X\", \"name\": \"bad, \"pid\": 1, \"tid\": 1, \"ts\": 5}",
            })
    void aBadElementCostsNothingButItself(String bad) throws IOException {
        String good = span("a", 0, 1);
        for (String list : List.of(
                events(bad, good, span("b", 10, 1)),
                events(good, bad, span("b", 10, 1)),
                events(good, span("b", 10, 1), bad))) {
            String json = "{\"traceEvents\": " + list + ",\n\"baseTimeNanoseconds\": 1700000000000000000}";
            Path file = Files.writeString(directory.resolve("trace.json"), json);
            for (ChromeTraceReader reader : List.of(new ChromeTraceReader(), new ChromeTraceReader(1, 64))) {
                ChromeRead read = ChromeRead.of(reader, file, ImportContext.standalone());
                assertThat(read.slices()).extracting(s -> s.get("name")).containsExactly("a", "b");
                assertThat(read.slices().getFirst()).containsEntry("ts", 1_700_000_000_000_000_000L);
                assertThat(read.losses()).extracting(ImportStats.Loss::kind).containsExactly("bad_event");
                assertThat(read.losses().getFirst().place()).isEqualTo("byte " + json.indexOf(bad));
            }
        }
    }

    @Test
    void unescapedQuotesInNamesAreRepaired() throws IOException {
        ChromeRead read = read(events(
                span("a", 0, 1),
                "{\"ph\": \"X\", \"name\": \"f(\"x\")\", \"pid\": 1, \"tid\": 1, \"ts\": 5, \"dur\": 1}",
                span("b", 10, 1)));
        assertThat(read.slices()).extracting(s -> s.get("name")).containsExactly("a", "f(\"x\")", "b");
        assertThat(read.lost("repaired_event")).isEqualTo(1);
    }

    @Test
    void hostileTextStaysTextAndIsRepaired() throws IOException {
        byte[] json = events(
                        span("<script>'; DROP TABLE slice; --", 0, 1),
                        span("bad\u0001\u001b[31m", 5, 1),
                        span("\u00ff", 9, 1))
                .getBytes(StandardCharsets.ISO_8859_1);
        ChromeRead read = read(json);
        assertThat(read.slices()).hasSize(3);
        assertThat(read.slices().get(0)).containsEntry("name", "<script>'; DROP TABLE slice; --");
        assertThat(read.slices().get(1)).containsEntry("name", "bad\uFFFD\uFFFD[31m");
        assertThat(read.slices().get(2)).containsEntry("name", "\uFFFD");
        assertThat(read.lost("repaired_text")).isEqualTo(2);
    }

    @Test
    void notANumberBecomesNullAndIsCounted() throws IOException {
        ChromeRead read = read(events(
                "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"pid\":0,\"tid\":7,\"ts\":1,\"dur\":1,"
                        + "\"args\":{\"stream\":7,\"est. achieved occupancy %\":NaN,\"blocks per SM\":Infinity,\"x\":-Infinity}}",
                "{\"ph\":\"X\",\"cat\":\"c\",\"name\":\"d\",\"pid\":0,\"tid\":7,\"ts\":2,\"dur\":NaN}"));
        assertThat(read.slices()).hasSize(2);
        assertThat(read.rows().of(TraceTables.KERNEL).getFirst())
                .doesNotContainKeys("occupancy_ratio", "blocks_per_sm");
        assertThat(read.lost("non_finite_value")).isEqualTo(2);
    }

    @Test
    void negativeDurationIsNone() throws IOException {
        ChromeRead read = read(events(span("a", 100, -5)));
        assertThat(read.slices().getFirst()).containsEntry("dur", 0L);
        assertThat(read.lost("negative_duration")).isEqualTo(1);
    }

    @Test
    void theLastOfDuplicateKeysWins() throws IOException {
        ChromeRead read =
                read("[{\"ph\":\"X\",\"name\":\"a\",\"name\":\"b\",\"pid\":1,\"tid\":1,\"ts\":1,\"ts\":2,\"dur\":3}]");
        assertThat(read.slices().getFirst()).containsEntry("name", "b").containsEntry("ts", 2000L);
    }

    /// Read by one thread and by several, from stretches that end within what is checked.
    @ParameterizedTest
    @ValueSource(strings = {"@@", "12x", "1.", "-", "1e", "0x1F", "True", "undefined"})
    void whatIsNoValueStandsForTextAndIsCounted(String value) throws IOException {
        String bad = span("b", 10, 1).replace("\"pid\": 1", "\"pid\": " + value);
        String json = based(events(span("a", 0, 1), bad, span("c", 20, 1)));
        for (ChromeRead read : everyWay(json)) {
            assertThat(read.slices()).extracting(s -> s.get("name")).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(read.losses()).extracting(ImportStats.Loss::kind).containsExactly("repaired_event");
            assertThat(read.losses().getFirst().place()).isEqualTo("byte " + json.indexOf(bad));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1", "1.5", "-0.25e-3", "1E+9", "true", "false", "null", "12345678901234567890"})
    void everyValueOfJsonIsOne(String value) throws IOException {
        String event = span("a", 0, 1).replace("\"pid\": 1", "\"pid\": " + value + ", \"unheard\": " + value);
        for (ChromeRead read : everyWay(based(events(event, span("b", 10, 1))))) {
            assertThat(read.slices()).hasSize(2);
            assertThat(read.losses()).isEmpty();
        }
    }

    @Test
    void commasThatAreMissingOrTooManyAreCounted() throws IOException {
        String a = span("a", 0, 1);
        String b = span("b", 10, 1);
        String missing = based("[" + a + "\n" + b + "," + span("c", 20, 1) + "]");
        String doubled = based("[" + a + "," + b + ",\n," + span("c", 20, 1) + "]");
        for (ChromeRead read : everyWay(missing)) {
            assertThat(read.slices()).hasSize(3);
            assertThat(read.losses()).extracting(ImportStats.Loss::kind).containsExactly("missing_comma");
            assertThat(read.losses().getFirst().place()).isEqualTo("byte " + missing.indexOf(b));
        }
        for (ChromeRead read : everyWay(doubled)) {
            assertThat(read.slices()).hasSize(3);
            assertThat(read.losses()).extracting(ImportStats.Loss::kind).containsExactly("stray_comma");
            assertThat(read.losses().getFirst().place()).isEqualTo("byte " + (doubled.indexOf("\n,") + 1));
        }
    }

    /// The bracket behind a bare list is optional: writers that may end at any time leave it out.
    @ParameterizedTest
    @ValueSource(strings = {"", ",", ",\n", "\n \n"})
    void aBareListMayEndBehindAnEvent(String behind) throws IOException {
        String list = "[" + span("a", 0, 1) + ",\n" + span("b", 10, 1);
        for (ChromeRead read : everyWay(list + behind)) {
            assertThat(read.slices()).hasSize(2);
            assertThat(read.lost("unended_list")).isEqualTo(1);
            assertThat(read.losses()).extracting(ImportStats.Loss::severity).doesNotContain(Severity.DATA_LOSS);
        }
        for (ChromeRead read : everyWay("{\"traceEvents\": " + list + behind)) {
            assertThat(read.slices()).hasSize(2);
            assertThat(read.lost("truncated")).isEqualTo(1);
            assertThat(read.lost("unended_list")).isZero();
        }
    }

    @Test
    void aBareListThatEndsInsideAnEventIsCut() throws IOException {
        String list = "[" + span("a", 0, 1) + ",\n" + span("b", 10, 1);
        int last = list.lastIndexOf('{');
        for (int cut = last + 1; cut < list.length(); cut++) {
            for (ChromeRead read : everyWay(list.substring(0, cut))) {
                assertThat(read.slices()).as("cut at %s", cut).hasSize(1);
                assertThat(read.lost("truncated")).as("cut at %s", cut).isEqualTo(1);
                assertThat(read.lost("unended_list")).isZero();
            }
        }
    }

    @Test
    void anEmptyListIsATrace() throws IOException {
        for (String list : List.of("[]", " [ \n ]\n")) {
            byte[] bytes = list.getBytes(StandardCharsets.UTF_8);
            assertThat(Readers.find(new Head("t.json", bytes, List.of())))
                    .hasValueSatisfying(reader -> assertThat(reader.format()).isEqualTo("chrome-json"));
            assertThat(read(list).slices()).isEmpty();
        }
        for (String list : List.of("[] x", "[1]", "[")) {
            byte[] bytes = list.getBytes(StandardCharsets.UTF_8);
            assertThat(Readers.find(new Head("t.json", bytes, List.of()))).isEmpty();
        }
    }

    private static String based(String list) {
        return "{\"baseTimeNanoseconds\": 1700000000000000000, \"traceEvents\": " + list + "}";
    }

    private List<ChromeRead> everyWay(String json) throws IOException {
        Path file = Files.writeString(directory.resolve("trace.json"), json);
        List<ChromeRead> reads = new ArrayList<>();
        reads.add(ChromeRead.of(file));
        for (int stretch : new int[] {16, 64, 100, 1 << 20}) {
            reads.add(ChromeRead.of(new ChromeTraceReader(1, stretch), file, ImportContext.standalone()));
        }
        return reads;
    }
}
