package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.Floats;
import java.util.SplittableRandom;

/// Chooses the next token: one of the forty likeliest, by their probabilities at temperature 0.8.
///
/// Deterministic in the seed. A random model's likeliest token alone would soon repeat itself, and
/// with it the router's choices.
final class Sampler {
    private static final int KEPT = 40;
    private static final double TEMPERATURE = 0.8;

    private final SplittableRandom random;
    private final float[] values = new float[KEPT];
    private final int[] tokens = new int[KEPT];
    private int kept;

    Sampler(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// Most logits are below the least that is kept, so they are passed over eight at a time.
    ///
    /// @param logits one for each token of the vocabulary
    int choose(Floats logits) {
        kept = 0;
        int count = logits.count();
        int i = 0;
        while (i < count) {
            if (kept == KEPT) {
                i = skip(logits, i, count, values[KEPT - 1]);
            }
            int end = Math.min(i + 8, count);
            for (; i < end; i++) {
                float logit = logits.at(i);
                if (kept < KEPT || logit > values[KEPT - 1]) {
                    insert(logit, i);
                }
            }
        }
        return draw();
    }

    /// The first eight from an index on of which one exceeds a value; or what is left at the end. Compares all
    /// eight without branches between them.
    @SuppressWarnings("ShortCircuitBoolean")
    private static int skip(Floats logits, int from, int count, float least) {
        int i = from;
        while (i + 8 <= count
                && !(logits.at(i) > least
                        | logits.at(i + 1) > least
                        | logits.at(i + 2) > least
                        | logits.at(i + 3) > least
                        | logits.at(i + 4) > least
                        | logits.at(i + 5) > least
                        | logits.at(i + 6) > least
                        | logits.at(i + 7) > least)) {
            i += 8;
        }
        return i;
    }

    /// Keeps the values in falling order.
    private void insert(float value, int token) {
        int at = kept < KEPT ? kept++ : KEPT - 1;
        while (at > 0 && values[at - 1] < value) {
            values[at] = values[at - 1];
            tokens[at] = tokens[at - 1];
            at--;
        }
        values[at] = value;
        tokens[at] = token;
    }

    private int draw() {
        double[] odds = new double[kept];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            odds[i] = Math.exp((values[i] - values[0]) / TEMPERATURE);
            sum += odds[i];
        }
        double left = random.nextDouble() * sum;
        for (int i = 0; i < kept; i++) {
            left -= odds[i];
            if (left < 0) {
                return tokens[i];
            }
        }
        return tokens[0];
    }
}
