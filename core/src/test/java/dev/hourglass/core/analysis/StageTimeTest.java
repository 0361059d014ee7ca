package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StageTimeTest {
    @ParameterizedTest
    @CsvSource({
        "decode, decode step",
        "step, step",
        "Step, step",
        "ProfilerStep, step",
        "stepping, step of stepping",
        "engine_step, engine_step",
        "run, recording"
    })
    void namesAStepAsPeopleDo(String stage, String words) {
        assertThat(StageTime.stepOf(stage)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"decode, a decode step", "engine_step, an engine_step", "run, the recording"})
    void givesItAnArticle(String stage, String words) {
        assertThat(StageTime.oneOf(stage)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({
        "1, decode, 1 decode step",
        "4, decode, 4 decode steps",
        "1, step, 1 step",
        "4, step, 4 steps",
        "4, token, 4 steps of token",
        "1, run, the whole recording"
    })
    void countsThem(long n, String stage, String words) {
        assertThat(StageTime.stepsOf(n, stage)).isEqualTo(words);
    }
}
