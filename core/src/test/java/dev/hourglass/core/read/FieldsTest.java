package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FieldsTest {
    @Test
    void keepsEmptyFields() {
        assertThat(Fields.between(",a,,b,", ',')).containsExactly("", "a", "", "b", "");
        assertThat(Fields.between("", ',')).containsExactly("");
        assertThat(Fields.strippedBetween(" a , b\t;c ", ',')).containsExactly("a", "b\t;c");
    }

    @Test
    void tellsWords() {
        assertThat(Fields.words("  a \t bc  ")).containsExactly("a", "bc");
        assertThat(Fields.words(" ")).containsExactly("");
    }

    @Test
    void knowsWhatATextIsMadeOf() {
        assertThat(Fields.isDigits("0123456789")).isTrue();
        assertThat(Fields.isDigits("")).isFalse();
        assertThat(Fields.isDigits("1\u0661")).isFalse();
        assertThat(Fields.isWord("aZ_9")).isTrue();
        assertThat(Fields.isWord("a-b")).isFalse();
        assertThat(Fields.end("12ab", 0, Fields::isDigit)).isEqualTo(2);
        assertThat(Fields.end("12ab", 4, Fields::isDigit)).isEqualTo(4);
    }
}
