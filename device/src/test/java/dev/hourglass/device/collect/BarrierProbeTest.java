package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.device.host.ElfSymbols;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.MappedLibraries;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BarrierProbeTest {
    private static final int HITS = 300;
    private static final int MICROSECONDS = 100;

    @TempDir
    Path dir;

    /// The planted program, built by the system's compiler.
    private Path program() throws Exception {
        Path source = dir.resolve("waiter.c");
        Path program = dir.resolve("waiter");
        try (InputStream in = BarrierProbeTest.class.getResourceAsStream("waiter.c")) {
            Files.copy(Objects.requireNonNull(in), source);
        }
        try {
            Process gcc = new ProcessBuilder("gcc", "-O2", "-pthread", "-o", program.toString(), source.toString())
                    .inheritIO()
                    .start();
            assumeTrue(gcc.waitFor(60, TimeUnit.SECONDS) && gcc.exitValue() == 0, "gcc builds here");
        } catch (IOException absent) {
            assumeTrue(false, "there is a gcc here");
        }
        return program;
    }

    private static long[] numbers(BufferedReader out) throws IOException {
        return Stream.of(out.readLine().split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static void line(OutputStream in) throws IOException {
        in.write('\n');
        in.flush();
    }

    @Test
    void waitsAreThoseThatTheProgramMeasured() throws Exception {
        Path program = program();
        assumeTrue(
                BarrierProbe.unavailable().isEmpty(),
                () -> BarrierProbe.unavailable().toString());
        Process waiter = new ProcessBuilder(program.toString(), "" + HITS, "" + MICROSECONDS).start();
        try (BufferedReader out = waiter.inputReader(StandardCharsets.UTF_8);
                OutputStream in = waiter.getOutputStream()) {
            long[] tids = numbers(out);
            BarrierProbe.Attachment attachment =
                    BarrierProbe.attach(List.of(tids[0], tids[1]), program, "planted_barrier");
            if (!(attachment instanceof BarrierProbe.Attached(BarrierProbe probe))) {
                fail(attachment.toString());
                return;
            }
            try (probe) {
                line(in);
                long[] measured = numbers(out);
                probe.detach();
                check(probe, tids, measured);
            }
            line(in);
            assertThat(waiter.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(waiter.exitValue()).isZero();
        } finally {
            waiter.destroyForcibly();
        }
    }

    private static void check(BarrierProbe probe, long[] tids, long[] measured) {
        long from = measured[2];
        long to = measured[3];
        assertThat(probe.lost()).isZero();
        List<BarrierProbe.Wait> waits = probe.waits(from, to);
        assertThat(waits).hasSize(2).allSatisfy(wait -> {
            int me = wait.tid() == tids[0] ? 0 : 1;
            assertThat(wait.hits()).isEqualTo(HITS);
            assertThat(wait.waitNs()).isBetween((me + 1L) * HITS * MICROSECONDS * 1000, measured[me]);
            assertThat(wait.waitNs()).isLessThanOrEqualTo(to - from);
            // the program's own clock readings lie outside the probes: at most a few microseconds per passage
            assertThat(measured[me] - wait.waitNs()).isLessThan(HITS * 40_000L);
        });
        assertThat(probe.floorNs().orElseThrow()).isBetween(MICROSECONDS * 1000L, MICROSECONDS * 2000L);
        assertThat(probe.waits(to + 1, to + 1_000_000)).isEmpty();
        RowList rows = new RowList();
        probe.write(rows, List.of(new BarrierProbe.Step(0, from, to - from), new BarrierProbe.Step(1, to + 1, 5)));
        assertThat(rows.of("barrier"))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row)
                        .containsEntry("step", 0L)
                        .containsEntry("hits", (long) HITS)
                        .containsEntry("step_dur", to - from));
        assertThat(rows.of("import_stat")).isEmpty();
    }

    @Test
    void reasonsWhyNot() throws Exception {
        long self = ProcessHandle.current().pid();
        Process without = new ProcessBuilder("sleep", "60").start();
        try {
            assertThat(BarrierProbe.attach(without.pid()))
                    .isInstanceOfSatisfying(BarrierProbe.Unavailable.class, why -> {
                        assertThat(why.reason()).contains("libggml-cpu");
                        assertThat(why.howToRecord()).isEqualTo(Optional.empty());
                    });
        } finally {
            without.destroyForcibly();
        }
        Path text = Files.writeString(dir.resolve("text.so"), "not a library".repeat(20));
        assumeTrue(
                BarrierProbe.unavailable().isEmpty(),
                () -> BarrierProbe.unavailable().toString());
        assertThat(BarrierProbe.attach(List.of(self), text, "f"))
                .isInstanceOfSatisfying(
                        BarrierProbe.Unavailable.class,
                        why -> assertThat(why.reason()).contains("no function f"));
    }

    @Test
    void damagedLibrariesHaveNoSymbols() throws Exception {
        byte[] whole = Files.readAllBytes(MappedLibraries.find(
                        KernelFiles.system(), ProcessHandle.current().pid(), "libjava.so")
                .orElseThrow());
        Path file = dir.resolve("damaged.so");
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = Arrays.copyOf(whole, i % 2 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int flips = 0; flips < 20 && bytes.length > 64; flips++) {
                bytes[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
            assertThat(ElfSymbols.offset(file, "no_such_function")).isEmpty();
        }
        assertThat(ElfSymbols.offset(dir.resolve("absent"), "f")).isEmpty();
    }

    @Test
    void symbolIsWhereTheSystemsToolSaysItIs() throws Exception {
        Path program = program();
        Process nm;
        try {
            nm = new ProcessBuilder("readelf", "-Ws", program.toString()).start();
        } catch (IOException absent) {
            assumeTrue(false, "there is a readelf here");
            return;
        }
        String table = new String(nm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String line = table.lines()
                .filter(l -> l.endsWith(" planted_barrier"))
                .findFirst()
                .orElseThrow();
        long address = Long.parseLong(line.strip().split("\\s+", -1)[1], 16);
        Process segments = new ProcessBuilder("readelf", "-Wl", program.toString()).start();
        long expected = new String(segments.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(l -> l.strip().split("\\s+", -1))
                .filter(f -> f[0].equals("LOAD"))
                .filter(f -> Long.decode(f[2]) <= address && address < Long.decode(f[2]) + Long.decode(f[4]))
                .mapToLong(f -> address - Long.decode(f[2]) + Long.decode(f[1]))
                .findFirst()
                .orElseThrow();
        assertThat(ElfSymbols.offset(program, "planted_barrier")).hasValue(expected);
    }
}
