package dev.hourglass.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PlainOutputTest {
    /// Escape sequences of C0 and C1, DEL, what turns the direction of text, what hides, a separator of lines.
    @Test
    void whatSteersIsShown() throws IOException {
        shown("\u001b[2J", "\\x1b[2J");
        shown("\u009b2J", "\\x9b2J");
        shown("a\u007fb", "a\\x7fb");
        shown("a\rb", "a\\x0db");
        shown("gnp\u202eexe.\u202c", "gnp\\u202eexe.\\u202c");
        shown("a\u2066b\u2069", "a\\u2066b\\u2069");
        shown("a\u200bb\u200d\ufeff", "a\\u200bb\\u200d\\ufeff");
        shown("a\u2028b", "a\\u2028b");
        shown("\udb40\udc41", "\\udb40\\udc41");
    }

    private static void shown(String text, String shown) throws IOException {
        assertThat(plain(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(shown);
        assertThat(Escape.plain(text)).isEqualTo(shown);
    }

    @Test
    void everythingElseIsItself() throws IOException {
        String text = "line\n\ttab é 漢字 🎈 ━ … µ\u00a0s e\u0301";

        assertThat(plain(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    }

    /// A terminal of eight bits takes the byte for CSI, and half a surrogate is none at all.
    @Test
    void bytesThatAreNoTextAreShown() throws IOException {
        assertThat(plain(new byte[] {'a', (byte) 0x9B, '2', 'J'})).isEqualTo("a\\x9b2J");
        assertThat(plain(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isEqualTo("\\xed\\xa0\\x80");
        assertThat(plain(new byte[] {(byte) 0xE6, 0x1B, 'x'})).isEqualTo("\\xe6\\x1bx");
        assertThat(plain(new byte[] {(byte) 0xC0, (byte) 0x9B, (byte) 0xFF})).isEqualTo("\\xc0\\x9b\\xff");
        assertThat(plain(new byte[] {'a', (byte) 0xF0, (byte) 0x9F})).isEqualTo("a\\xf0\\x9f");
        assertThat(Escape.plain("a\ud800b")).isEqualTo("a\\ud800b");
    }

    @Test
    void aTerminalOfAnotherCharsetGetsItsOwnBytes() throws IOException {
        byte[] bytes = bytes("é\u009b€".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

        assertThat(bytes).isEqualTo("é\\x9b?".getBytes(StandardCharsets.ISO_8859_1));
    }

    /// However bytes are cut on their way, nothing that steers comes out, and the same comes out.
    @Test
    void noBytesSteer() throws IOException {
        Random random = new Random(7);
        byte[] pieces = {
            0,
            0x1B,
            '[',
            'm',
            '\n',
            '\r',
            0x7F,
            (byte) 0xC2,
            (byte) 0x9B,
            (byte) 0xE2,
            (byte) 0x80,
            (byte) 0xAE,
            (byte) 0xF3,
            (byte) 0xA0,
            (byte) 0x81,
            (byte) 0xED,
            (byte) 0xEF,
            (byte) 0xBB,
            (byte) 0xBF
        };
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(1, 40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = random.nextBoolean() ? pieces[random.nextInt(pieces.length)] : (byte) random.nextInt();
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (PlainOutput plain = new PlainOutput(out, StandardCharsets.UTF_8)) {
                for (byte b : bytes) {
                    plain.write(b);
                }
            }
            String shown = out.toString(StandardCharsets.UTF_8);
            assertThat(shown.codePoints().filter(c -> c != '\n' && c != '\t').noneMatch(Escape::steers))
                    .isTrue();
            assertThat(out.toByteArray()).isEqualTo(shown.getBytes(StandardCharsets.UTF_8));
            assertThat(plain(bytes)).isEqualTo(shown);
        }
    }

    private static String plain(byte[] bytes) throws IOException {
        return new String(bytes(bytes, StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(byte[] bytes, Charset charset) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PlainOutput plain = new PlainOutput(out, charset)) {
            plain.write(bytes);
        }
        return out.toByteArray();
    }
}
