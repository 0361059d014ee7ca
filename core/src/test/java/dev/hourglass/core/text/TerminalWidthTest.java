package dev.hourglass.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalWidthTest {
    /// Ideographs and what lies behind them take two columns, accents none.
    private static final TerminalWidth WIDTH = new TerminalWidth(80, c -> c < 0x370 ? 0 : c < 0x1100 ? 1 : 2);

    @Test
    void countsColumnsNotCharacters() {
        assertThat(WIDTH.of("")).isZero();
        assertThat(WIDTH.of("grüße")).isEqualTo(5);
        assertThat(WIDTH.of("e\u0301")).as("an accent of its own").isEqualTo(1);
        assertThat(WIDTH.of("日本語")).isEqualTo(6);
        assertThat(WIDTH.of("🎈")).as("two places in Java, two columns").isEqualTo(2);
        assertThat(TerminalWidth.plain(80).of("日本🎈")).isEqualTo(3);
    }

    @Test
    void cutsAndPadsToColumns() {
        assertThat(WIDTH.cut("日本語", 6)).isEqualTo("日本語");
        assertThat(WIDTH.cut("日本語", 5)).isEqualTo("日本…");
        assertThat(WIDTH.cut("日本語", 4)).as("half a character is none").isEqualTo("日…");
        assertThat(WIDTH.cut("a🎈b", 3)).isEqualTo("a…");
        assertThat(WIDTH.cut("kernel", 4)).isEqualTo("ker…");
        assertThat(WIDTH.cut("kernel", 1)).isEqualTo("…");
        assertThat(WIDTH.pad("日本", 6)).isEqualTo("日本  ");
        assertThat(WIDTH.padLeft("日本", 6)).isEqualTo("  日本");
        assertThat(WIDTH.pad("kernel", 3)).isEqualTo("kernel");
    }

    @Test
    void isNoNarrowerThanWanted() {
        assertThat(WIDTH.atLeast(100).columns()).isEqualTo(100);
        assertThat(WIDTH.atLeast(60)).isEqualTo(WIDTH);
    }
}
