package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every command of a guide that names files of the checkout works as written there.
///
/// What a guide writes goes into `guide/`, which stands for a temporary directory here.
@Isolated
class GuidesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @TempDir
    private Path guide;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reading-a-report",
                "readings",
                "gpu-time",
                "cuda-graphs",
                "moe",
                "kv-cache",
                "mfu-and-roofline",
                "model",
                "remedies",
                "troubleshooting",
                "trace-database",
                "received-sessions"
            })
    void everyCommandWorks(String name) throws IOException {
        List<String> commands = commands(Files.readAllLines(ROOT.resolve("docs/" + name + ".md")));
        assertThat(commands).isNotEmpty();
        for (String command : commands) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            assertThat(run(words(command), out, err))
                    .as(command + "\n" + err.toString(StandardCharsets.UTF_8))
                    .isZero();
        }
    }

    private static List<String> commands(List<String> lines) {
        List<String> commands = new ArrayList<>();
        boolean fenced = false;
        for (String line : lines) {
            if (line.startsWith("```")) {
                fenced = !fenced;
            } else if (fenced && line.startsWith("./hourglass ")) {
                commands.add(line.substring("./hourglass ".length()));
            }
        }
        return commands;
    }

    private List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher m = WORD.matcher(command);
        while (m.find()) {
            String word = m.group(1) != null ? m.group(1) : m.group(2);
            words.add(
                    word.startsWith("guide/")
                            ? guide.resolve(word.substring("guide/".length())).toString()
                            : word.startsWith("core/") || word.startsWith("benchmarks/")
                                    ? ROOT.resolve(word).toString()
                                    : word);
        }
        return words;
    }

    private static int run(List<String> words, ByteArrayOutputStream out, ByteArrayOutputStream err) {
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            return Main.run(words.toArray(String[]::new));
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }
}
