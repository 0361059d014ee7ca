package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CsvLineTest {
    @Test
    void splitsPlainAndQuotedValues() {
        assertThat(CsvLine.split("a,,c").orElseThrow()).containsExactly("a", "", "c");
        assertThat(CsvLine.split("").orElseThrow()).containsExactly("");
        assertThat(CsvLine.split("\"a,b\",\"say \"\"x\"\"\",\"\"").orElseThrow())
                .containsExactly("a,b", "say \"x\"", "");
        assertThat(CsvLine.split("a,").orElseThrow()).containsExactly("a", "");
        assertThat(CsvLine.split("5\" disk,b").orElseThrow()).containsExactly("5\" disk", "b");
    }

    @Test
    void refusesALineWithADamagedQuote() {
        assertThat(CsvLine.split("\"a,b")).isEmpty();
        assertThat(CsvLine.split("\"a\"b,c")).isEmpty();
        assertThat(CsvLine.split("x,\"")).isEmpty();
        assertThat(CsvLine.split("\"a\"\"")).isEmpty();
    }
}
