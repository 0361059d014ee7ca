package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Utf8Test {
    @Test
    void controlCharactersAreReplaced() {
        assertThat(repaired("a\u0000b")).isEqualTo("a\ufffdb");
        assertThat(repaired("a\u001b[2J")).isEqualTo("a\ufffd[2J");
        assertThat(repaired("a\u007fb")).isEqualTo("a\ufffdb");
        assertThat(repaired("a\u009b2J")).isEqualTo("a\ufffd2J");
        assertThat(repaired("\u0080\u009f")).isEqualTo("\ufffd\ufffd");
        assertThat(repaired("é\u0085日")).isEqualTo("é\ufffd日");
    }

    private static String repaired(String text) {
        return new String(Utf8.repair(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void everythingElseIsTheSame() {
        byte[] text = "a\tb\r\n \u00a0é\u00c2\u00bf日🎈".getBytes(StandardCharsets.UTF_8);

        assertThat(Utf8.repair(text)).isSameAs(text);
    }

    @Test
    void bytesThatAreNoTextAreReplaced() {
        assertThat(Utf8.repair(new byte[] {'a', (byte) 0x9B, (byte) 0xC2, 'b', (byte) 0xC2}))
                .isEqualTo("a\ufffd\ufffdb\ufffd".getBytes(StandardCharsets.UTF_8));
    }
}
