package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class TextLinesTest {
    @Test
    void tellsWhereEachLineBegins() throws IOException {
        TextLines lines = lines("\uFEFFab\r\n\nç\nend");

        assertThat(lines.next()).isEqualTo("ab");
        assertThat(lines.offset()).isZero();
        assertThat(lines.next()).isEmpty();
        assertThat(lines.offset()).isEqualTo(7);
        assertThat(lines.next()).isEqualTo("ç");
        assertThat(lines.ended()).isTrue();
        assertThat(lines.next()).isEqualTo("end");
        assertThat(lines.offset()).isEqualTo(11);
        assertThat(lines.number()).isEqualTo(4);
        assertThat(lines.ended()).isFalse();
        assertThat(lines.next()).isNull();
        assertThat(lines.next()).isNull();
    }

    @Test
    void repairsWhatIsNotText() throws IOException {
        TextLines lines =
                new TextLines(new ByteArrayInputStream(new byte[] {'a', 27, '[', '\n', 'b', (byte) 0xC3, '\n', 'c'}));

        assertThat(lines.next()).isEqualTo("a\uFFFD[");
        assertThat(lines.next()).isEqualTo("b\uFFFD");
        assertThat(lines.next()).isEqualTo("c");
        assertThat(lines.repaired()).isEqualTo(2);
    }

    @Test
    void keepsTheBeginningOfALineThatIsTooLong() throws IOException {
        TextLines lines = lines("x".repeat(TextLines.LONGEST_LINE_BYTES + 70_000) + "\nnext");

        assertThat(lines.next()).hasSize(TextLines.LONGEST_LINE_BYTES);
        assertThat(lines.next()).isEqualTo("next");
        assertThat(lines.overlong()).isEqualTo(1);
    }

    @Test
    void yieldsEverythingBeforeABrokenCompressedStream() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            for (int i = 0; i < 20_000; i++) {
                out.write(("line " + i * 7919L + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        InputStream cut = new ByteArrayInputStream(packed.toByteArray(), 0, packed.size() / 2);
        TextLines lines = new TextLines(new GZIPInputStream(cut));
        List<String> read = new ArrayList<>();
        for (String line = lines.next(); line != null; line = lines.next()) {
            read.add(line);
        }

        assertThat(read).hasSizeGreaterThan(5_000).startsWith("line 0", "line 7919");
        assertThat(lines.brokenOff()).isTrue();
        assertThat(lines.ended()).isFalse();
    }

    private static TextLines lines(String text) {
        return new TextLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
