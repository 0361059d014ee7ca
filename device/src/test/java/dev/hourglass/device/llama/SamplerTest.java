package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.device.ffi.llama.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final int DRAWS = 20_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 40, 41, 48, 333, 5000})
    void drawsFromTheFortyLikeliestByTheirProbabilities(int vocabulary) {
        SplittableRandom random = new SplittableRandom(vocabulary);
        float[] logits = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            logits[i] = (float) random.nextGaussian() * 2;
        }
        List<Integer> best = IntStream.range(0, vocabulary)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logits[i]))
                .limit(40)
                .toList();
        double sum = best.stream().mapToDouble(i -> Math.exp(logits[i] / 0.8)).sum();
        Floats kept = nativeCopy(logits);
        Map<Integer, Integer> drawn = new HashMap<>();
        Sampler sampler = new Sampler(1);
        for (int i = 0; i < DRAWS; i++) {
            drawn.merge(sampler.choose(kept), 1, Integer::sum);
        }
        assertThat(best).containsAll(drawn.keySet());
        for (int token : best) {
            double expected = DRAWS * Math.exp(logits[token] / 0.8) / sum;
            assertThat((double) drawn.getOrDefault(token, 0))
                    .as("token %d", token)
                    .isBetween(expected - 5 * Math.sqrt(expected) - 1, expected + 5 * Math.sqrt(expected) + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 48, 333})
    void neverChoosesWhatIsNotANumber(int vocabulary) {
        float[] logits = new float[vocabulary + 8];
        Arrays.fill(logits, vocabulary, logits.length, Float.NaN);
        Floats kept = nativeCopy(logits);
        Sampler sampler = new Sampler(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(sampler.choose(kept)).isLessThan(vocabulary);
        }
    }

    private static Floats nativeCopy(float[] logits) {
        MemorySegment copy = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, logits);
        return new Floats(copy.address(), logits.length);
    }
}
