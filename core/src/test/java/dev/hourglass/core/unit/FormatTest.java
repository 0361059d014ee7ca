package dev.hourglass.core.unit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0           | MICROSECONDS     | 0 ns
                    1015        | MICROSECONDS     | 1.02 ms
                    999.4       | NANOSECONDS      | 999 ns
                    999.6       | NANOSECONDS      | 1.00 µs
                    123456789   | NANOSECONDS      | 123 ms
                    -1.5        | SECONDS          | -1.50 s
                    0.381       | RATIO            | 38.1 %
                    0.00543     | RATIO            | 0.543 %
                    2654208     | BYTES            | 2.65 MB
                    19400000000 | BYTES_PER_SECOND | 19.4 GB/s
                    3912000000  | COUNT            | 3,912,000,000
                    -1234       | COUNT            | -1,234
                    999         | COUNT            | 999
                    8.583       | COUNT            | 8.58
                    4991.9      | COUNT            | 4,992
                    1           | TOKENS           | 1 token
                    """)
    void readsWell(double value, Unit unit, String expected) {
        assertThat(Format.value(value, unit)).isEqualTo(expected);
    }

    @Test
    void significantAgreesWithTheStandardFormatter() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 20_000; i++) {
            double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-4, 9));
            String text = Format.significant(value);
            int decimals = text.contains(".") ? text.length() - text.indexOf('.') - 1 : 0;
            assertThat(text).isEqualTo(String.format(Locale.ROOT, "%." + decimals + "f", value));
        }
    }
}
