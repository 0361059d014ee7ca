package dev.hourglass.device.llama;

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
    int choose(float[] logits) {
        kept = 0;
        int i = 0;
        while (i < logits.length) {
            if (kept == KEPT) {
                i = skip(logits, i, values[KEPT - 1]);
            }
            int end = Math.min(i + 8, logits.length);
            for (; i < end; i++) {
                if (kept < KEPT || logits[i] > values[KEPT - 1]) {
                    insert(logits[i], i);
                }
            }
        }
        return draw();
    }

    /// The first eight from an index on of which one exceeds a value; or what is left at the end.
    private static int skip(float[] logits, int from, float least) {
        int i = from;
        while (i + 8 <= logits.length
                && !(logits[i] > least
                        || logits[i + 1] > least
                        || logits[i + 2] > least
                        || logits[i + 3] > least
                        || logits[i + 4] > least
                        || logits[i + 5] > least
                        || logits[i + 6] > least
                        || logits[i + 7] > least)) {
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
