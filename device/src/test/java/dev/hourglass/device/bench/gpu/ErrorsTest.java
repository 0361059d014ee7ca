package dev.hourglass.device.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.device.bench.Check;
import org.junit.jupiter.api.Test;

class ErrorsTest {
    @Test
    void theErrorIsRelativeToAllThatWasExpected() {
        Errors errors = new Errors();
        errors.add(3, 3);
        errors.add(4.1, 4);

        assertThat(errors.check(0.1))
                .isInstanceOfSatisfying(
                        Check.Right.class, right -> assertThat(right.error()).isEqualTo(0.02, within(1e-12)));
        assertThat(errors.check(0.01)).isInstanceOf(Check.Wrong.class);
    }

    @Test
    void oneOutputThatWasNeverWrittenIsWrong() {
        Errors errors = new Errors();
        errors.add(1, 1);
        errors.add(Double.NaN, 1);

        assertThat(errors.check(0.5)).isInstanceOf(Check.Wrong.class);
    }

    @Test
    void whereNothingWasExpectedAnyDifferenceCounts() {
        Errors errors = new Errors();
        errors.add(0.25, 0);

        assertThat(errors.check(0.1)).isEqualTo(new Check.Wrong(0.25, 0.1));
    }
}
