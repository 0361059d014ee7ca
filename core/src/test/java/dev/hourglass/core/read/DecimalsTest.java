package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DecimalsTest {
    @Test
    void scalesWithoutRounding() {
        assertThat(Decimals.scaled("1795303224.0157382", 9)).hasValue(1_795_303_224_015_738_200L);
        assertThat(Decimals.scaled("-0.5", 3)).hasValue(-500);
        assertThat(Decimals.scaled("7", 9)).hasValue(7_000_000_000L);
        assertThat(Decimals.scaled(".25", 2)).hasValue(25);
        assertThat(Decimals.scaled("1.23456", 3)).hasValue(1234);
        assertThat(Decimals.scaled("0", 0)).hasValue(0);
    }

    @Test
    void refusesWhatIsNoPlainNumber() {
        for (String text : new String[] {"", "-", ".", "1e9", "nan", "1.2.3", "99999999999999", "0x10", "1 2", "٣"}) {
            assertThat(Decimals.scaled(text, 9)).as(text).isEmpty();
        }
        for (String text : new String[] {"", "nan", "NaN", "inf", "-Infinity", "1d", "1f", "0x1p3", "1e999", "abc"}) {
            assertThat(Decimals.real(text)).as(text).isEmpty();
        }
        assertThat(Decimals.real("-1.5e-3")).hasValue(-0.0015);
    }

    @Test
    void roundsWhatHasAnExponent() {
        assertThat(Decimals.rounded("1.5e3", 3)).hasValue(1_500_000);
        assertThat(Decimals.rounded("-0.0005", 3)).hasValue(-1);
        assertThat(Decimals.rounded("0.00049", 3)).hasValue(0);
        assertThat(Decimals.rounded("9223372036854775.8074", 3)).hasValue(Long.MAX_VALUE);
        assertThat(Decimals.rounded("9223372036854775.808", 3)).isEmpty();
        assertThat(Decimals.rounded("1e-2000000000", 3)).hasValue(0);
        assertThat(Decimals.rounded("0e2000000000", 3)).hasValue(0);
        for (String text :
                new String[] {"", "x", "1e2000000000", "-1e2000000000", "1e99999999999", "9".repeat(1_000_000)}) {
            assertThat(Decimals.rounded(text, 3)).isEmpty();
        }
    }

    @Test
    void agreesWithBigDecimal() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            BigDecimal exact =
                    new BigDecimal(random.nextLong() >> random.nextInt(10, 60)).movePointLeft(random.nextInt(10));
            long expected = exact.movePointRight(3).toBigInteger().bitLength() < 60
                    ? exact.movePointRight(3).toBigInteger().longValue()
                    : 0;
            if (expected != 0) {
                assertThat(Decimals.scaled(exact.toPlainString(), 3))
                        .as(exact.toPlainString())
                        .hasValue(expected);
            }
        }
    }
}
