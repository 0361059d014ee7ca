package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StageTimeTest {
    @ParameterizedTest
    @CsvSource({"decode, step of decode", "step, step", "Step, step", "ProfilerStep, step", "stepping, step of stepping"
    })
    void namesAStepAsPeopleDo(String stage, String words) {
        assertThat(StageTime.stepOf(stage)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"1, decode, 1 step of decode", "4, decode, 4 steps of decode", "1, step, 1 step", "4, step, 4 steps"})
    void countsThem(long n, String stage, String words) {
        assertThat(StageTime.stepsOf(n, stage)).isEqualTo(words);
    }
}
