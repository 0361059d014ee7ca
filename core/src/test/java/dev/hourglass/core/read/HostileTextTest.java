package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hourglass.core.engine.LlamaCpp;
import dev.hourglass.core.ingest.RecordedTraces;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Long runs of one character, or of a few: a reader looks at them as often as it looks at other text.
final class HostileTextTest {
    private static final List<String> RUNS = List.of(
            " ", "\t", ",", ";", "9", "a", "_", "-", ".", ":", "=", "/", "|", "#", "[", "]", "(", ")", "{", "}", "\"",
            "\\", "1 ", " (", "a=", "+0x", "a:", "1.", "), ", ": ", "} ", "bs=1 ", "\u2028");

    /// How lines begin that a reader takes for its own.
    private static final List<String> BEGINNINGS = List.of(
            "",
            "a ",
            "a 1/2 1.000001: 7 cycles: ",
            "\tff ",
            "5,,cycles/",
            ",,,,",
            "{\"counter-value\" : \"",
            "# gpu ",
            "# Idx ",
            "I! cuBLAS (v12) function void f(",
            "i! m: type=",
            "[2026-01-01 0][cublasLt][1][Api][f] ",
            "# TYPE ",
            "# scraped_at ",
            "vllm:a{",
            "vllm:a 1 ",
            "timestamp, power.draw [",
            "unix_s,gpu,",
            "\"ID\",\"Process ID\",\"");

    private static String run(String part, int characters) {
        return part.repeat(characters / part.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void tellsEveryFormatInOnePass() {
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> {
            for (String beginning : List.of("", "a ", "a 1 ", "5,,cycles/", "{", "# ", "vllm:a ", "unix_s,")) {
                for (String run : RUNS) {
                    Head head = Imported.head("trace", bytes(beginning + run(run, Head.LENGTH) + "x"));
                    assertThat(Readers.find(head)).isNotNull();
                }
            }
        });
    }

    static List<ReaderFuzzTest.Fixture> fixtures() {
        return ReaderFuzzTest.fixtures().toList();
    }

    /// Every line is looked at, between whole ones.
    @ParameterizedTest
    @MethodSource("fixtures")
    void readsWhatStandsBeforeAndBehindLongLines(ReaderFuzzTest.Fixture fixture) {
        String whole = new String(fixture.bytes(), StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder(whole);
        for (String beginning : BEGINNINGS) {
            for (String run : RUNS) {
                text.append('\n').append(beginning).append(run(run, 10_000)).append('x');
            }
        }
        int rows = Imported.of(fixture.reader(), whole).rows(fixture.table()).size();
        Imported read = assertTimeoutPreemptively(
                Duration.ofSeconds(120),
                () -> Imported.of(fixture.reader(), text.append('\n').toString()));

        assertThat(read.rows(fixture.table()).size()).isGreaterThanOrEqualTo(rows);
        assertThat(read.losses()).isNotEmpty();
    }

    /// Each took as long as the square of its length or its cube.
    @ParameterizedTest
    @ValueSource(strings = {"a 1 ", "\tff ", "5,,cycles/", "# gpu"})
    void readsLinesOfHalfAMebibyte(String beginning) {
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> {
            for (ReaderFuzzTest.Fixture fixture : fixtures()) {
                for (String run : List.of(" ", " (", "x,", "9")) {
                    String line = beginning + run(run, TextLines.LONGEST_LINE_BYTES / 2) + "x\n";
                    Imported read = Imported.of(
                            fixture.reader(), new String(fixture.bytes(), StandardCharsets.UTF_8) + "\n" + line);
                    assertThat(read.rows(fixture.table())).isNotEmpty();
                }
            }
        });
    }

    /// A line of no end is read to its end, and kept up to a bound.
    @ParameterizedTest
    @MethodSource("fixtures")
    void readsAFileThatEndsInOneEndlessLine(ReaderFuzzTest.Fixture fixture) {
        byte[] begin = fixture.bytes();
        int rows = Imported.of(fixture.reader(), "whole", begin)
                .rows(fixture.table())
                .size();
        for (byte part : new byte[] {'9', ',', ' '}) {
            Imported read = Imported.of(fixture.reader(), new Endless(begin, part));
            assertThat(read.rows(fixture.table()).size()).isBetween(rows, rows + 1);
            assertThat(read.losses()).contains("data_loss overlong_line 1");
        }
    }

    /// A file that ends in many times the same byte.
    private record Endless(byte[] begin, byte part) implements Source {
        private static final int BYTES = 32 << 20;

        @Override
        public String name() {
            return "endless";
        }

        @Override
        public Head head() {
            return Imported.head(name(), begin);
        }

        @Override
        public Path path() {
            return Path.of(name());
        }

        @Override
        public long size() {
            return begin.length + (long) BYTES;
        }

        @Override
        public InputStream open() {
            return new SequenceInputStream(new ByteArrayInputStream(begin), new InputStream() {
                private int left = BYTES;

                @Override
                public int read() {
                    return left-- > 0 ? part : -1;
                }

                @Override
                public int read(byte[] target, int from, int length) {
                    int n = Math.min(left, length);
                    Arrays.fill(target, from, from + Math.max(0, n), part);
                    left -= n;
                    return n > 0 || length == 0 ? n : -1;
                }
            });
        }

        @Override
        public Optional<Path> plainFile() {
            return Optional.empty();
        }

        @Override
        public Source resolve(String entry) {
            throw new UnsupportedOperationException(entry);
        }
    }

    @Test
    void readsStageNamesInOnePass() {
        String requests = run("bs=1 ", 400_000);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            assertThat(StageName.known("step[DECODE " + requests + run("toks=1 ", 400_000)))
                    .hasValueSatisfying(
                            stage -> assertThat(stage.decodeRequests()).isEmpty());
            assertThat(StageName.known("step[DECODE " + requests + "toks=7]"))
                    .hasValueSatisfying(
                            stage -> assertThat(stage.decodeTokens()).hasValue(7));
            assertThat(StageName.known(run("execute_context_1(", 400_000))).isPresent();
        });
    }

    @Test
    void readsTheFormsOfStageNames() {
        assertThat(StageName.known("step[DECODE bs=8]")).hasValueSatisfying(stage -> {
            assertThat(stage.kind()).isEqualTo("decode");
            assertThat(stage.decodeRequests()).hasValue(8);
            assertThat(stage.decodeTokens()).hasValue(8);
        });
        assertThat(StageName.known("Step[extend bs= bs=2 toks=x toks=4096 more]"))
                .hasValueSatisfying(stage -> {
                    assertThat(stage.kind()).isEqualTo("prefill");
                    assertThat(stage.prefillRequests()).hasValue(2);
                    assertThat(stage.prefillTokens()).hasValue(4096);
                });
        assertThat(StageName.known("step[IDLE]").map(StageName::kind)).hasValue("other");
        assertThat(StageName.known("step[DECODED bs=1]")).isEmpty();
        assertThat(StageName.known("step[IDLE bs=1")).isEmpty();
        assertThat(StageName.known("step[MIXED toks=9" + "9".repeat(30) + "]").map(StageName::kind))
                .hasValue("mixed");
        assertThat(StageName.known("iteration_12").map(StageName::kind)).hasValue("other");
        assertThat(StageName.known("my iter 12").map(StageName::kind)).hasValue("other");
        assertThat(StageName.known("ProfilerStep#12").map(StageName::kind)).hasValue("other");
    }

    /// The user's own pattern meets names that somebody else wrote.
    @Test
    void givesUpAPatternThatDoesNotComeToAnEnd() {
        ImportContext context = new ImportContext(
                new ImportContext.Ids(),
                new ImportContext.Options(
                        Optional.of(Pattern.compile("a.*a.*a.*a.*b|my stage")), false, OptionalLong.empty()),
                bytes -> {});
        StageRanges ranges = new StageRanges(context);
        CollectedRows rows = new CollectedRows();
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            ranges.offer(1, 1, 0, 10, run("a", 2_000));
            ranges.offer(2, 1, 20, 10, "my stage");
            ranges.write(rows);
        });

        assertThat(rows.of(EngineTables.STAGE)).hasSize(1);
        assertThat(context.stats().losses())
                .singleElement()
                .satisfies(loss -> assertThat(loss.kind()).isEqualTo("stage_pattern_gave_up"));
    }

    /// Classes whose patterns are named below and looked at one by one.
    private static final Set<String> WITH_PATTERNS =
            Set.of("StageName", "ProfileMateRows", "HourglassIds", "LlamaCpp", "RecordedTraces");

    /// Those that are looked for inside a text; the others are held against the whole.
    private static final Set<String> SEARCHED = Set.of("PREFILL", "DECODE", "PART", "BLOCKS");

    private static final Set<String> MAKE_PATTERNS = Set.of(
            "java/util/regex/Pattern.compile",
            "java/lang/String.matches",
            "java/lang/String.split",
            "java/lang/String.replaceAll",
            "java/lang/String.replaceFirst");

    /// What stands in these rooms meets what somebody else wrote.
    @ParameterizedTest
    @ValueSource(strings = {"read", "read/text", "read/session", "engine", "ingest"})
    void onlyPatternsThatWereLookedAtMeetInput(String room) throws IOException, URISyntaxException {
        Path classes = Path.of(
                Fields.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> found = new ArrayList<>();
        int looked = 0;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(classes.resolve("dev/hourglass/core").resolve(room), "*.class")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(".class", "");
                looked++;
                if (!WITH_PATTERNS.contains(name)) {
                    callsThatMakePatterns(file).forEach(call -> found.add(name + " calls " + call));
                }
            }
        }
        assertThat(looked).isGreaterThan(5);
        assertThat(found).isEmpty();
    }

    private static List<String> callsThatMakePatterns(Path file) throws IOException {
        List<String> calls = new ArrayList<>();
        for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
            if (entry instanceof MethodRefEntry method) {
                String call =
                        method.owner().asInternalName() + "." + method.name().stringValue();
                if (MAKE_PATTERNS.contains(call)) {
                    calls.add(call);
                }
            }
        }
        return calls;
    }

    /// Twice the text takes twice the looks, not four times.
    @Test
    void patternsLookAtATextOnce() throws ReflectiveOperationException {
        List<Field> patterns = new ArrayList<>();
        for (String name : List.of("ProfileMateRows", "HourglassIds")) {
            patterns.addAll(patterns(Class.forName("dev.hourglass.core.read.session." + name)));
        }
        patterns.addAll(patterns(StageName.class));
        patterns.addAll(patterns(RecordedTraces.class));
        patterns.addAll(patterns(LlamaCpp.class));
        assertThat(patterns).hasSizeGreaterThan(10);
        List<String> beginnings =
                List.of("", "execute_", "execute_context_1(", "step[DECODE", "a:", "x-", "blk.", "source.1.");
        for (Field field : patterns) {
            field.setAccessible(true);
            Pattern pattern = (Pattern) field.get(null);
            boolean searched = SEARCHED.contains(field.getName());
            for (String beginning : beginnings) {
                for (String run : RUNS) {
                    long once = looks(pattern, searched, beginning + run(run, 4_000) + "\n");
                    long twice = looks(pattern, searched, beginning + run(run, 8_000) + "\n");
                    assertThat(twice).as(pattern + " on " + beginning + run).isLessThan(3 * once + 1_000);
                }
            }
        }
    }

    private static List<Field> patterns(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .filter(field -> field.getType().equals(Pattern.class))
                .toList();
    }

    private static long looks(Pattern pattern, boolean searched, String text) {
        Looked looked = new Looked(text, new long[1]);
        Matcher matcher = pattern.matcher(looked);
        boolean found = searched ? matcher.find() : matcher.matches() || matcher.lookingAt();
        return looked.looks[0] + (found ? 0 : 1);
    }

    /// Counts how often somebody looks at a character.
    private record Looked(String text, long[] looks) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks[0]++;
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Looked(text.substring(start, end), looks);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
