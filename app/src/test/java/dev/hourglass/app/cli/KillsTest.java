package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.app.cli.Killed.Moment;
import dev.hourglass.app.image.TinyModel;
import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Verbs that write are killed, at moments of chance and when a certain file comes or goes, alone and two at
/// once on one session. Whatever the moment: the session opens, holds all that was acknowledged and nothing
/// twice, takes more, nothing that is not ours was touched, and after the next start nothing is left of the
/// killed one.
///
/// 25 kills; `./hourglass test kills N` makes N.
@Isolated
class KillsTest {
    private static final int KILLS = Integer.getInteger("kills", 25);
    /// Number of the first kill after those that measure: several processes share the work.
    private static final int FROM = Integer.getInteger("kills.from", 0);
    private static final Path RESOURCES =
            Path.of("../core/src/test/resources").toAbsolutePath().normalize();
    private static final Path TRACE = RESOURCES.resolve("golden/kineto/kineto.json");
    private static final Path OTHER = RESOURCES.resolve("golden/sglang/sglang.json");
    private static final Path MODEL = Path.of("../benchmarks/model-oracle/configs/llama-3.1-8b.json")
            .toAbsolutePath()
            .normalize();

    /// What is killed, with the files whose coming or going are moments to do it.
    private enum Verb {
        IMPORT(
                "\\.s\\.growing-.*",
                "\\.s\\.reserved",
                "session\\.duckdb",
                "session\\.duckdb\\.wal",
                "raw",
                "metadata\\.json",
                "s"),
        FORCE("\\.s\\.replaced-.*", "\\.s\\.growing-.*", "raw", "metadata\\.json"),
        APPEND(
                "\\.session\\.duckdb\\.\\d.*",
                "\\.session\\.duckdb\\.\\d.*wal",
                "\\.lock",
                "inputs-2\\.json",
                "\\.session\\.duckdb\\.import.*"),
        REPORT(
                "\\.session\\.duckdb\\.\\d.*",
                "\\.session\\.duckdb\\.\\d.*wal",
                "plots",
                "\\.report\\.html\\.part-.*",
                "report\\.json",
                "report\\.html"),
        MFU("\\.session\\.duckdb\\.\\d.*", "\\.session\\.duckdb\\.\\d.*wal", "\\.lock"),
        EXPORT("\\.out\\.part-.*", "slice\\.csv", "out"),
        TEMPORARY("hourglass-.*", "page\\.html", "\\.page\\.html\\.part-.*"),
        BOTH("\\.session\\.duckdb\\.\\d.*", "\\.lock", "\\.session\\.duckdb\\.\\d.*wal"),
        PROFILE(
                "\\.s\\.growing-.*",
                "engine\\.log",
                "engine\\.log\\.rows",
                "machine\\.rows",
                "csv",
                "plots",
                "metadata\\.json",
                "s");

        private final List<Pattern> moments;

        Verb(String... moments) {
            this.moments = Stream.of(moments).map(Pattern::compile).toList();
        }
    }

    private static final int SAY_EACH = 100;
    /// Of so many kills one is of a recording.
    private static final int EACH_PROFILE = 25;

    private static final Path HOME =
            Path.of(System.getProperty("hourglass.home", "target/image")).toAbsolutePath();
    /// Without an image there is no engine to record.
    private static final List<Verb> VERBS = Stream.of(Verb.values())
            .filter(verb -> verb != Verb.PROFILE || Files.isDirectory(HOME.resolve("engine")))
            .toList();

    @TempDir
    private static Path once;

    private static Killed.Start start;
    private static Path pending;
    private static Path old;
    private static Path trace;
    private static Path model;
    private static long traceSlices;
    private static long otherSlices;
    private static final Map<Verb, Long> USUAL_NS = new EnumMap<>(Verb.class);

    private Path room;
    private Path session;
    private Random random = new Random(0);

    @BeforeAll
    static void measureTheUndisturbed() throws Exception {
        start = Killed.Start.in(once, HOME);
        model = VERBS.contains(Verb.PROFILE) ? TinyModel.in(once) : once;
        trace = once.resolve("v1");
        unpack("v1/trace", trace);
        pending = imported("pending", TRACE);
        old = imported("old", OTHER);
        traceSlices = slices(pending);
        otherSlices = slices(old);
        assertThat(traceSlices).isPositive().isNotEqualTo(otherSlices);
    }

    private static Path imported(String name, Path from) throws Exception {
        Path place = once.resolve(name);
        Killed whole =
                Killed.by(start, once, new Moment.Never(), false, "import", from.toString(), "-o", place.toString());
        assertThat(whole.code()).as(whole.said()).isZero();
        return place;
    }

    private static void unpack(String name, Path place) throws IOException {
        Files.createDirectories(place);
        try (InputStream in = new GZIPInputStream(
                Files.newInputStream(RESOURCES.resolve("sessions").resolve(name + ".duckdb.gz")))) {
            Files.copy(in, new SessionLayout(place).database());
        }
    }

    @Test
    void nothingIsLostAndNothingIsLeft() throws Exception {
        Map<String, Integer> ends = new TreeMap<>();
        for (int turn = 0; turn < VERBS.size() + KILLS; turn++) {
            int i = turn < VERBS.size() ? turn : FROM + turn;
            Verb verb = turn < VERBS.size() ? VERBS.get(turn) : verb(i);
            random = new Random(i);
            room = Files.createDirectory(once.resolve("room" + i));
            session = room.resolve("s");
            Files.writeString(room.resolve("thesis.txt"), "mine");
            Files.writeString(room.resolve(".s.growing-up.txt"), "mine");
            prepare(verb);
            Moment moment = moment(verb);
            boolean politely = random.nextInt(5) == 0;
            try {
                Killed killed = kill(verb, moment, politely);
                ends.merge(verb + (killed.code() == 0 ? " was done" : " was killed"), 1, Integer::sum);
                check(verb, killed.code() == 0);
                left();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "kill " + i + ": " + verb + " " + moment + (politely ? " TERM" : " KILL") + "\n"
                                + String.join("\n", names(room)) + "\n" + String.join("\n", names(session)),
                        e);
            }
            FileTree.delete(room);
            if (i % SAY_EACH == SAY_EACH - 1) {
                System.out.println((i + 1) + ": " + ends);
            }
        }
        assertThat(ends.keySet()).as("some were killed").anyMatch(end -> end.endsWith("killed"));
        System.out.println(KILLS + " kills: " + ends);
    }

    /// A recording takes longest: it comes seldom.
    private static Verb verb(int i) {
        int usual = VERBS.contains(Verb.PROFILE) ? VERBS.size() - 1 : VERBS.size();
        return i % EACH_PROFILE == 0 ? VERBS.getLast() : VERBS.get(i % usual);
    }

    /// Asked to end, and not killed: nothing is left at once.
    @Test
    void whoIsAskedToEndLeavesNothing() throws Exception {
        for (Verb verb : List.of(Verb.IMPORT, Verb.FORCE, Verb.APPEND, Verb.EXPORT, Verb.TEMPORARY)) {
            room = Files.createDirectory(once.resolve("asked" + verb));
            session = room.resolve("s");
            prepare(verb);
            Path watched = verb == Verb.TEMPORARY ? start.temporary() : room;
            Killed ended = Killed.by(start, watched, new Moment.At(verb.moments.getFirst(), true), true, words(verb));
            assertThat(ended.code()).as(verb + " " + ended.said()).isIn(0, 143);
            assertThat(names(room)).as(verb.name()).isSubsetOf("s", "out", "page.html");
            assertThat(names(session)).as(verb.name()).isSubsetOf(".lock", "session.duckdb", "metadata.json", "raw");
            assertThat(names(start.temporary())).as(verb.name()).noneMatch(name -> name.startsWith("hourglass-"));
        }
    }

    private Moment moment(Verb verb) {
        long usual = USUAL_NS.getOrDefault(verb, 0L);
        if (usual == 0) {
            return new Moment.Never(); // the first one says how long it takes
        }
        return random.nextInt(5) < 2
                ? new Moment.After((long) (usual * (0.2 + 0.9 * random.nextDouble())))
                : new Moment.At(verb.moments.get(random.nextInt(verb.moments.size())), random.nextBoolean());
    }

    private void prepare(Verb verb) throws IOException {
        switch (verb) {
            case IMPORT, TEMPORARY, PROFILE -> {}
            case FORCE -> copy(old);
            case APPEND, REPORT, EXPORT, BOTH -> copy(pending);
            case MFU -> copy(trace);
        }
    }

    private void copy(Path from) throws IOException {
        Files.createDirectory(session);
        for (String name : List.of("session.duckdb", "metadata.json")) {
            if (Files.exists(from.resolve(name))) {
                Files.copy(from.resolve(name), session.resolve(name));
            }
        }
    }

    private String[] words(Verb verb) {
        String s = session.toString();
        return switch (verb) {
            case IMPORT -> new String[] {"import", TRACE.toString(), "-o", s};
            case FORCE -> new String[] {"import", TRACE.toString(), "-o", s, "--force"};
            case APPEND, BOTH -> new String[] {"import", OTHER.toString(), "-o", s, "--append"};
            case REPORT -> new String[] {"report", s};
            case MFU ->
                ("mfu " + s + " --model " + MODEL + " --device h100-sxm --batch 1 --prompt 512 --context 512")
                        .split(" ");
            case EXPORT ->
                new String[] {
                    "export", s, "--format", "csv", "-o", room.resolve("out").toString()
                };
            case PROFILE ->
                ("profile --model " + model + " --tokens 6 --warmup 2 --context 8 --threads 1 --force -o " + s)
                        .split(" ");
            case TEMPORARY ->
                new String[] {
                    "report", TRACE.toString(), "-o", room.resolve("page.html").toString()
                };
        };
    }

    private Killed kill(Verb verb, Moment moment, boolean politely) throws Exception {
        long began = System.nanoTime();
        Path watched = verb == Verb.TEMPORARY && random.nextBoolean() ? start.temporary() : room;
        Killed killed =
                verb == Verb.BOTH ? both(moment, politely) : Killed.by(start, watched, moment, politely, words(verb));
        if (moment instanceof Moment.Never) {
            assertThat(killed.code()).as(killed.said()).isZero();
            USUAL_NS.put(verb, System.nanoTime() - began);
        }
        assertThat(killed.said()).doesNotContain("\tat dev.hourglass");
        return killed;
    }

    /// Something is added while somebody reads, and either is killed.
    ///
    /// @return what became of the addition
    private Killed both(Moment moment, boolean politely) throws Exception {
        String[] adds = words(Verb.APPEND);
        String[] reads = random.nextBoolean()
                ? words(Verb.REPORT)
                : new String[] {"sql", session.toString(), "SELECT count(*) FROM step_time"};
        boolean readerDies = random.nextBoolean();
        Path said = once.resolve("said.txt");
        Process lives = start.process(said, readerDies ? adds : reads);
        Killed killed = Killed.by(start, room, moment, politely, readerDies ? reads : adds);
        int code = lives.waitFor();
        assertThat(code).as(Files.readString(said)).isZero();
        return readerDies ? new Killed(code, Files.readString(said)) : killed;
    }

    private void check(Verb verb, boolean acknowledged) throws Exception {
        switch (verb) {
            case PROFILE -> {
                if (acknowledged) {
                    assertThat(count(session, "token")).isPositive();
                }
                Killed next = Killed.by(start, room, new Moment.Never(), false, words(verb));
                assertThat(next.code()).as(next.said()).isZero();
                assertThat(count(session, "token")).isEqualTo(6);
                for (Path unfinished : FileTree.entries(room, name -> name.startsWith("s-unfinished"))) {
                    count(unfinished, "token");
                    FileTree.delete(unfinished);
                }
            }
            case IMPORT -> {
                if (acknowledged || new SessionLayout(session).isSession()) {
                    assertThat(slices(session)).isEqualTo(traceSlices);
                }
                Said next = Said.by(words(verb));
                assertThat(next.code()).as(next.err()).isIn(0, 2);
                assertThat(slices(session)).isEqualTo(traceSlices);
                done("import", TRACE.toString(), "-o", session.toString(), "--force");
            }
            case FORCE -> {
                assertThat(new SessionLayout(session).isSession()).isTrue();
                assertThat(slices(session))
                        .isIn(acknowledged ? List.of(traceSlices) : List.of(traceSlices, otherSlices));
                done(words(verb));
                assertThat(slices(session)).isEqualTo(traceSlices);
            }
            case APPEND, BOTH -> {
                long whole = traceSlices + otherSlices;
                assertThat(slices(session)).isIn(acknowledged ? List.of(whole) : List.of(whole, traceSlices));
                Said next = Said.by(words(verb));
                assertThat(next.code()).as(next.err()).isIn(0, 2); // 2: it is in the session already
                assertThat(slices(session)).isEqualTo(whole);
            }
            case REPORT -> {
                done(words(verb));
                assertThat(session.resolve("report.html")).isNotEmptyFile();
                assertThat(session.resolve("report.md")).isNotEmptyFile();
            }
            case MFU -> {
                done(words(verb));
                assertThat(count(session, "op_cost")).isPositive();
            }
            case EXPORT -> {
                Path out = room.resolve("out");
                if (acknowledged || Files.exists(out)) {
                    assertThat(out.resolve("slice.csv")).isNotEmptyFile();
                    FileTree.delete(out);
                }
                done(words(verb));
            }
            case TEMPORARY -> {
                if (acknowledged || Files.exists(room.resolve("page.html"))) {
                    assertThat(Files.readString(room.resolve("page.html"))).contains("</html>");
                }
                done(words(verb));
            }
        }
        if (Files.exists(session)) {
            appendMore();
        }
    }

    private void appendMore() throws IOException {
        Path more = Files.writeString(
                room.resolve("more.json"),
                "{\"traceEvents\": [{\"ph\":\"X\",\"name\":\"more\",\"pid\":0,\"tid\":1,\"ts\":1,\"dur\":2}]}");
        long before = slices(session);
        done("import", more.toString(), "-o", session.toString(), "--append");
        assertThat(slices(session)).isEqualTo(before + 1);
    }

    /// What is not ours is as it was; of what is ours nothing is there but sessions and what was asked for.
    private void left() throws IOException {
        assertThat(room.resolve("thesis.txt")).hasContent("mine");
        assertThat(room.resolve(".s.growing-up.txt")).hasContent("mine");
        assertThat(names(room)).isSubsetOf("thesis.txt", ".s.growing-up.txt", "s", "out", "more.json", "page.html");
        assertThat(names(session))
                .isSubsetOf(
                        ".lock",
                        "session.duckdb",
                        "metadata.json",
                        "raw",
                        "plots",
                        "report.html",
                        "report.md",
                        "report.json",
                        "summary.json",
                        "engine.log",
                        "csv",
                        "json");
        try (Stream<Path> parts = Files.exists(session) ? Files.walk(session) : Stream.empty()) {
            assertThat(parts).noneMatch(path -> path.toString().contains(".part-"));
        }
    }

    private static Said done(String... words) {
        String usual = System.setProperty("java.io.tmpdir", start.temporary().toString());
        try {
            Said said = Said.by(words);
            assertThat(said.code())
                    .as(String.join(" ", words) + "\n" + said.err())
                    .isZero();
            return said;
        } finally {
            System.setProperty("java.io.tmpdir", usual);
        }
    }

    private static long slices(Path session) {
        return count(session, "slice");
    }

    private static long count(Path session, String table) {
        try (Session opened = Session.openAsStored(session, Session.Dialect.OWN)) {
            return opened.query("SELECT count(*) AS n FROM " + table)
                    .integer(0, "n")
                    .orElse(-1);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            FileTree.entries(directory, name -> true).forEach(path -> names.add(String.valueOf(path.getFileName())));
        }
        return names;
    }
}
