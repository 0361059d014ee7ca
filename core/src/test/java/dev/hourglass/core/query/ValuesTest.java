package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.text.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values of every type beside what the database itself says they are.
final class ValuesTest extends OnAnEmptySession {
    private @Nullable Object value(String expression) {
        return session().query("SELECT " + expression + " AS x").value(0, "x");
    }

    private String json(String expression) {
        return Json.text(json -> Json.value(json, value(expression))).strip();
    }

    /// Columns of a type that only the result sets read bring their neighbours there.
    private @Nullable Object beside(String expression) {
        return session()
                .query("SELECT " + expression + " AS x, DATE '2026-01-02' AS d")
                .value(0, "x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(SELECT sum(x * 100000000000003) FROM range(55000) t(x))",
                "170141183460469231731687303715884105727::HUGEINT",
                "(-170141183460469231731687303715884105728)::HUGEINT",
                "9223372036854775807::HUGEINT",
                "9223372036854775808::HUGEINT",
                "(-9223372036854775808)::HUGEINT",
                "(-9223372036854775809)::HUGEINT",
                "340282366920938463463374607431768211455::UHUGEINT",
                "18446744073709551615::UBIGINT",
                "9223372036854775808::UBIGINT",
                "12345678901234567890.12::DECIMAL(38, 2)",
                "1.10::DECIMAL(10, 2)",
                "-0.005::DECIMAL(9, 3)",
                "0::DECIMAL(38, 20)",
                "0.00000000000000000001::DECIMAL(38, 20)",
                "99999999999999999999999999999999999999::DECIMAL(38, 0)",
                "0.1::FLOAT",
                "3.14159::FLOAT"
            })
    void numbersKeepTheDigitsTheDatabaseCastsToText(String expression) {
        Object digits = value("(" + expression + ")::VARCHAR");

        assertThat(plain(value(expression))).isEqualTo(digits);
        assertThat(plain(beside(expression))).isEqualTo(digits);
        assertThat(json(expression)).isEqualTo(digits);
        assertThat(json("[" + expression + "]").replace(" ", "")).isEqualTo("[" + digits + "]");
    }

    private static String plain(@Nullable Object value) {
        return value instanceof BigDecimal d ? d.toPlainString() : String.valueOf(value);
    }

    @Test
    void integersThatFitAreLongs() {
        assertThat(value("9223372036854775807::HUGEINT")).isEqualTo(Long.MAX_VALUE);
        assertThat(value("7::UBIGINT")).isEqualTo(7L);
        assertThat(beside("(-9223372036854775808)::HUGEINT")).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775808::HUGEINT, 9223372036854775807",
        "(-9223372036854775809)::HUGEINT, -9223372036854775808",
        "18446744073709551617.5::DECIMAL(30), 9223372036854775807",
        "-2.75, -2",
        "2.5::FLOAT, 2"
    })
    void whatIsTooLargeForAnIntegerIsTheLargest(String expression, long whole) {
        assertThat(session().query("SELECT " + expression + " AS x").integer(0, "x"))
                .hasValue(whole);
    }

    @Test
    void wholePartsAreExact() {
        assertThat(Values.whole(new BigDecimal("9007199254740993.9"))).isEqualTo(9007199254740993L);
        assertThat(Values.whole(BigInteger.TEN)).isEqualTo(10);
        assertThat(Values.whole(1e30)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void bytesAreTheTextTheDatabaseCastsThemTo() {
        String every = "(SELECT from_hex(string_agg(printf('%02x', i), '' ORDER BY i)) FROM range(256) t(i))";

        assertThat(value("'\\xAA\\x00<'::BLOB")).isEqualTo("\\xAA\\x00<");
        assertThat(value(every)).isEqualTo(value(every + "::VARCHAR"));
        assertThat(value("''::BLOB")).isEqualTo("");
        assertThat(value("NULL::BLOB")).isNull();
        assertThat(value("['\\xAA\\x00<'::BLOB]")).isEqualTo(List.of("\\xAA\\x00<"));
        assertThat(json("{'b': '\\xAA'::BLOB}")).isEqualTo("{\n  \"b\" : \"\\\\xAA\"\n}");
    }

    @Test
    void listsStructsAndMapsAreNested() {
        Object nested = value("[{'a': 1, 'b': MAP {'z': [1.10::DECIMAL(4, 2), NULL], 'k': []}}, NULL]");

        assertThat(nested).hasToString("[{a=1, b={z=[1.10, null], k=[]}}, null]");
        assertThat(value("MAP {1: DATE '2026-01-02'}")).isEqualTo(Map.of("1", "2026-01-02"));
        assertThat(value("[1, 2]::INTEGER[2]")).isEqualTo(List.of(1L, 2L));
        assertThat(value("NULL::INTEGER[]")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, NULL, 3]",
                "[]::INTEGER[]",
                "[[1], [], NULL, [2, 3]]",
                "[1.5, 2.5]::FLOAT[2]",
                "{'a': 1, 'b': ['x', 'say \"so\"'], 'c': {'d': true, 'e': NULL}}",
                "MAP {'z': 1, 'a': 2}",
                "[MAP {'k': [{'v': 1}]}]",
                "{'l': NULL::INTEGER[], 'h': 170141183460469231731687303715884105727}"
            })
    void nestedValuesAreTheJsonTheDatabaseWrites(String expression) {
        String written = json(expression);

        assertThat(written.replaceAll("\\s(?!so)", ""))
                .isEqualTo(String.valueOf(value("to_json(" + expression + ")::VARCHAR"))
                        .replaceAll("\\s(?!so)", ""));
    }

    @Test
    void jsonHasNoNumberForWhatIsNone() {
        assertThat(json("['nan'::FLOAT, 'inf'::FLOAT, 1]::FLOAT[]").replace(" ", ""))
                .isEqualTo("[null,null,1.0]");
        assertThat(json("['nan'::DOUBLE]").replace(" ", "")).isEqualTo("[null]");
    }
}
