package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.text.Escape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nothing that somebody else wrote steers the terminal, whichever way it takes there.
@Isolated
final class OutputTest {
    /// Clears the screen in two ways, turns text around, ends a line, and begins one that looks like ours.
    private static final String HOSTILE = "a\u001b[2J\u009b2J\u202eb\u007f\r\nhourglass: all is well";

    private static final String SQL =
            "SELECT 'a' || chr(27) || '[2J' || chr(155) || chr(8238) || chr(127) AS \"n\u009b\"";

    @TempDir
    private Path directory;

    private Path session;

    @BeforeEach
    void importATrace() {
        session = directory.resolve("session");
        assertThat(Said.by("import", "../core/src/test/resources/golden/kineto/kineto.json", "-o", session.toString())
                        .code())
                .isZero();
    }

    private static void harmless(String text) {
        assertThat(text.codePoints().filter(c -> c != '\n' && c != '\t').noneMatch(Escape::steers))
                .as(text)
                .isTrue();
    }

    /// The parser's messages repeat what they were given; a line's end in it begins no line of ours.
    @ParameterizedTest
    @ValueSource(strings = {"sql", "report", "import", "open", "model", "compare", "schema", "profile", "export", "no"})
    void argumentsAreRepeatedAsOneLine(String verb) {
        for (String[] words : new String[][] {
            {verb, "--" + HOSTILE}, {verb, HOSTILE}, {verb, HOSTILE, HOSTILE}, {verb + HOSTILE}, {verb, "-o", HOSTILE}
        }) {
            Said said = Said.by(words);

            harmless(said.out() + said.err());
            assertThat(said.code()).as(said.err()).isNotZero();
            assertThat(said.err().lines()).as(said.err()).hasSize(1);
        }
    }

    @Test
    void dataIsHarmlessOnATerminal() {
        String table = Said.by("sql", session.toString(), SQL).out();
        String csv = Said.by("sql", session.toString(), SQL, "--csv").out();
        String json = Said.by("sql", session.toString(), SQL, "--json").out();

        harmless(table + csv + json);
        assertThat(csv).isEqualTo("n\\x9b\na\\x1b[2J\\x9b\\u202e\\x7f\n");
        assertThat(json).contains("{\"n\\u009b\": \"a\\u001b[2J\\u009b\\u202e\\u007f\"}");
    }

    @Test
    void theShellsAnswersAndErrorsAreHarmless() {
        InputStream usual = System.in;
        System.setIn(new ByteArrayInputStream((SQL + ";\n.mode csv\n" + SQL + ";\n.x\u009b\nSELECT \"\u001b[2J\";\n")
                .getBytes(StandardCharsets.UTF_8)));
        try {
            Said said = Said.by("sql", session.toString());

            harmless(said.out() + said.err());
            assertThat(said.err()).contains("unknown command .x\\x9b", "\\x1b[2J");
            assertThat(said.code()).isEqualTo(2);
        } finally {
            System.setIn(usual);
        }
    }

    @Test
    void whatAFailurePrintsOfItselfIsHarmless() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream plain = Output.plain(out, StandardCharsets.UTF_8)) {
            new IllegalStateException(HOSTILE).printStackTrace(plain);
        }
        harmless(out.toString(StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\\x1b[2J", "\tat ");
    }

    /// Where a line is drawn again and again, only its text is somebody else's.
    @Test
    void progressIsDrawnAndItsTextIsHarmless() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Console console = Console.of(new PrintStream(out, true, StandardCharsets.UTF_8), true);
        console.phase("loading a\u009b2J");
        console.step(1, 1);
        console.warn(HOSTILE);
        console.finished();

        String drawn = out.toString(StandardCharsets.UTF_8);
        assertThat(drawn).contains("\r\u001b[2K");
        harmless(drawn.replace("\r\u001b[2K", ""));
    }

    @Test
    void namesOfModelsAreHarmlessInCsv() throws IOException {
        Path config = Files.writeString(directory.resolve("c\u009b2J.json"), """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 1000, "torch_dtype": "bfloat16"}
                """);
        Said csv = Said.by("model", config.toString(), "--csv");

        assertThat(csv.code()).as(csv.err()).isZero();
        harmless(csv.out());
        harmless(Said.by("model", config.toString()).out());
        harmless(Said.by("model", config.toString(), "--json").out());
    }
}
