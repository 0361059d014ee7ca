package dev.hourglass.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Gives every reader and parser inputs that nobody recorded: none ends in anything but rows, counts and a documented
/// refusal, none takes long, and nothing is lost in silence.
///
/// `./hourglass test fuzz N` gives each N inputs, from the number that `-Dfuzz.from` names; in the default run it is a
/// few. `./hourglass test fuzz 30s` gives each half a minute, and so the quick ones most. An input is told by its target and its number: `-Dfuzz.only=chrome -Dfuzz.from=17 -Dfuzz=1` gives it again.
final class FuzzTest {
    private static final int INPUTS = Integer.getInteger("fuzz", 120);
    private static final int FROM = Integer.getInteger("fuzz.from", 0);
    /// For each target; 0 where the number of inputs decides.
    private static final long TIME_NS = TimeUnit.SECONDS.toNanos(Integer.getInteger("fuzz.time", 0));
    private static final String ONLY = System.getProperty("fuzz.only", "");
    /// Bytes of what is repeated in an input.
    private static final int LONGEST = Integer.getInteger("fuzz.longest", 20_000);
    /// After which an input counts as one that never ends.
    private static final int LONGEST_SECONDS = Integer.getInteger("fuzz.seconds", 60);
    /// Finds of a target after which it is left.
    private static final int MOST_FINDS = 5;

    private static final Path KEPT = Path.of("target", "fuzz");

    @TempDir
    private Path folder;

    static List<Target> targets() throws IOException {
        return Targets.all(Files.createTempDirectory("fuzz-seeds")).stream()
                .filter(target -> target.name().startsWith(ONLY))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void endsAsDocumented(Target target) throws IOException, InterruptedException {
        int inputs = TIME_NS > 0 ? Integer.MAX_VALUE - FROM : Math.max(1, INPUTS / target.cost());
        List<String> finds = new ArrayList<>();
        long begun = System.nanoTime();
        int number = FROM;
        for (; number < FROM + inputs && finds.size() < MOST_FINDS && !over(begun); number++) {
            Target.Input input = target.input(number, LONGEST);
            Optional<String> find = run(target, input);
            if (find.isPresent()) {
                Path kept = KEPT.resolve(target.name().replace('/', '-') + "-" + number);
                Files.createDirectories(KEPT);
                Files.write(kept, input.bytes());
                finds.add(kept + ": " + find.get());
                if (find.get().startsWith("hangs")) {
                    break;
                }
            }
        }
        note(String.format(
                Locale.ROOT,
                "%s: inputs from %d to %d, %d finds, %d s%n",
                target.name(),
                FROM,
                number,
                finds.size(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)));
        assertThat(finds).as(target.name()).isEmpty();
    }

    private static boolean over(long begun) {
        return TIME_NS > 0 && System.nanoTime() - begun >= TIME_NS;
    }

    /// Puts down what was done, for a run of hours.
    private static void note(String line) throws IOException {
        Files.createDirectories(KEPT);
        Files.writeString(KEPT.resolve("runs.txt"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private Optional<String> run(Target target, Target.Input input) throws IOException, InterruptedException {
        Path own = Files.createTempDirectory(folder, "in");
        FutureTask<Optional<String>> task = new FutureTask<>(() -> find(target, input, own));
        Thread thread = Thread.ofPlatform().daemon().name("fuzz").start(task);
        try {
            return task.get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            StringBuilder where = new StringBuilder("hangs");
            for (StackTraceElement frame : thread.getStackTrace()) {
                where.append("\n  ").append(frame);
            }
            return Optional.of(where.toString());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            delete(own);
        }
    }

    /// What is thrown; an input that fills the memory is one of these.
    private static Optional<String> find(Target target, Target.Input input, Path own) {
        try {
            target.check().of(input, own);
            return Optional.empty();
        } catch (Throwable e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return Optional.of(trace.toString());
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, java.io.IOException e) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
