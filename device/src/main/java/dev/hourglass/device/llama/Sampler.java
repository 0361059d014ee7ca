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

    int choose(float[] logits) {
        kept = 0;
        float least = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > least || kept < KEPT) {
                insert(logits[i], i);
                least = kept < KEPT ? Float.NEGATIVE_INFINITY : values[KEPT - 1];
            }
        }
        return draw();
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
