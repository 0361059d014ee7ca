package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Utf8Test {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a\u0000b | a\ufffdb",
                "a\u001b[2J | a\ufffd[2J",
                "a\u007fb | a\ufffdb",
                "a\u009b2J | a\ufffd2J",
                "\u0080\u009f | \ufffd\ufffd",
                "é\u0085日 | é\ufffd日",
            })
    void controlCharactersAreReplaced(String text, String repaired) {
        assertThat(new String(Utf8.repair(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8))
                .isEqualTo(repaired);
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
