package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NcuNumbersTest {
    @Test
    void readsEitherConvention() {
        assertThat(NcuNumbers.POINT.parse("27,595,520.5")).hasValue(27_595_520.5);
        assertThat(NcuNumbers.COMMA.parse("27.595.520,5")).hasValue(27_595_520.5);
        assertThat(NcuNumbers.COMMA.parse("27\u202F595\u00A0520,5")).hasValue(27_595_520.5);
        assertThat(NcuNumbers.COMMA.parse("65,77")).hasValue(65.77);
        assertThat(NcuNumbers.POINT.parse("1234567.25")).hasValue(1_234_567.25);
        assertThat(NcuNumbers.POINT.parse("1.5e+09")).hasValue(1.5e9);
        assertThat(NcuNumbers.POINT.parse("-0.50")).hasValue(-0.5);
    }

    @Test
    void refusesWhatTheConventionForbids() {
        for (String text : new String[] {
            "", "nan", "(!) nan", "n/a", "no data", "inf", "1,23", "1,2345", "0,123", "1.2.3", "1,234,", "9.0a"
        }) {
            assertThat(NcuNumbers.POINT.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void votesOnlyWhereOneReadingIsPossible() {
        assertThat(NcuNumbers.vote("1,234,567")).isEqualTo(1);
        assertThat(NcuNumbers.vote("0.57")).isEqualTo(1);
        assertThat(NcuNumbers.vote("1,234.5")).isEqualTo(1);
        assertThat(NcuNumbers.vote("1.234.567")).isEqualTo(-1);
        assertThat(NcuNumbers.vote("0,57")).isEqualTo(-1);
        assertThat(NcuNumbers.vote("1,234")).isZero();
        assertThat(NcuNumbers.vote("1.234")).isZero();
        assertThat(NcuNumbers.vote("42")).isZero();
        assertThat(NcuNumbers.vote("nan")).isZero();
    }

    @Test
    void bringsUnitsToTheirBase() {
        assertThat(NcuUnit.of("us")).isEqualTo(new NcuUnit("ns", 1e3));
        assertThat(NcuUnit.of("msecond")).isEqualTo(new NcuUnit("ns", 1e6));
        assertThat(NcuUnit.of("Kbyte")).isEqualTo(new NcuUnit("byte", 1e3));
        assertThat(NcuUnit.of("Gbyte/s")).isEqualTo(new NcuUnit("byte/s", 1e9));
        assertThat(NcuUnit.of("Gbyte/second")).isEqualTo(new NcuUnit("byte/s", 1e9));
        assertThat(NcuUnit.of("Ghz")).isEqualTo(new NcuUnit("hz", 1e9));
        assertThat(NcuUnit.of("cycle/nsecond")).isEqualTo(new NcuUnit("hz", 1e9));
        assertThat(NcuUnit.of("Kbyte/block")).isEqualTo(new NcuUnit("byte/block", 1e3));
        assertThat(NcuUnit.of("inst/cycle")).isEqualTo(new NcuUnit("inst/cycle", 1));
        assertThat(NcuUnit.of("%")).isEqualTo(new NcuUnit("%", 1));
        assertThat(NcuUnit.of("")).isEqualTo(new NcuUnit("", 1));
        assertThat(NcuUnit.of("%/Kbyte")).isEqualTo(new NcuUnit("%/byte", 1e-3));
        assertThat(NcuUnit.of("parsec")).isEqualTo(new NcuUnit("parsec", 1));
    }
}
