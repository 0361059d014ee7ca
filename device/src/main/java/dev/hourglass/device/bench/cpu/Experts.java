package dev.hourglass.device.bench.cpu;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Routed experts: T tokens of width H, each by k of E experts of width I: `(silu(x · gate) ⊙ (x · up)) · down`,
/// summed
/// with weights. Tokens are grouped by expert. Parts are columns: all threads work on one expert at a time would need
/// them to meet, so each does its share of the tokens of every expert.
final class Experts implements CpuOperator {
    private final float[][] x;
    private final float[][] y;
    private final List<Gemm.Panels> gate = new ArrayList<>();
    private final List<Gemm.Panels> up = new ArrayList<>();
    private final List<Gemm.Panels> down = new ArrayList<>();
    private final int[][] chosen;
    private final int hidden;
    private final int inner;
    private final int touched;
    private final long memory;

    Experts(Axes axes) {
        int tokens = axes.of("T");
        int experts = axes.of("E");
        int k = axes.of("k");
        if (k > experts) {
            throw new dev.hourglass.device.bench.ImpossibleShapeException("k is at most E, " + experts + ", not " + k);
        }
        this.hidden = axes.of("H");
        this.inner = axes.of("I");
        this.x = axes.random(tokens, hidden, 1);
        this.y = axes.zeros(tokens, hidden);
        for (int e = 0; e < experts; e++) {
            gate.add(Gemm.Panels.random(axes, hidden, inner, 1 / Math.sqrt(hidden)));
            up.add(Gemm.Panels.random(axes, hidden, inner, 1 / Math.sqrt(hidden)));
            down.add(Gemm.Panels.random(axes, inner, hidden, 1 / Math.sqrt(inner)));
        }
        this.chosen = new int[tokens][k];
        Set<Integer> all = new HashSet<>();
        for (int t = 0; t < tokens; t++) {
            Set<Integer> own = new HashSet<>();
            while (own.size() < k) {
                own.add(axes.indices(1, experts)[0]);
            }
            chosen[t] = own.stream().mapToInt(e -> e).toArray();
            all.addAll(own);
        }
        this.touched = all.size();
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return 6.0 * x.length * chosen[0].length * hidden * inner;
    }

    @Override
    public double bytes() {
        return Float.BYTES
                * (3.0 * touched * hidden * inner
                        + (double) x.length * chosen[0].length * (2.0 * hidden + 3.0 * inner));
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public void run(int part, int parts) {
        int from = Team.from(x.length, part, parts);
        int to = Team.from(x.length, part + 1, parts);
        for (int t = from; t < to; t++) {
            java.util.Arrays.fill(y[t], 0);
        }
        for (int e = 0; e < gate.size(); e++) {
            int[] tokens = of(e, from, to);
            if (tokens.length > 0) {
                expert(e, tokens);
            }
        }
    }

    private int[] of(int expert, int from, int to) {
        return java.util.stream.IntStream.range(from, to)
                .filter(t -> java.util.Arrays.stream(chosen[t]).anyMatch(e -> e == expert))
                .toArray();
    }

    private void expert(int e, int[] tokens) {
        float[][] in = new float[tokens.length][];
        Gemm.Panels g = like(tokens.length, gate.get(e));
        Gemm.Panels u = like(tokens.length, up.get(e));
        Gemm.Panels out = like(tokens.length, down.get(e));
        for (int i = 0; i < tokens.length; i++) {
            in[i] = x[tokens[i]];
        }
        Gemm.multiply(in, gate.get(e), g, tokens.length);
        Gemm.multiply(in, up.get(e), u, tokens.length);
        float[][] h = new float[tokens.length][inner];
        for (int i = 0; i < tokens.length; i++) {
            RowOperator.silu(g.row(i, inner), u.row(i, inner), h[i]);
        }
        Gemm.multiply(h, down.get(e), out, tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            Loops.add(y[tokens[i]], out.row(i, hidden), 1f / chosen[0].length, hidden);
        }
    }

    /// Panels as those of `like`.
    private static Gemm.Panels like(int rows, Gemm.Panels like) {
        float[][][] panels = new float[like.panels().length][][];
        for (int p = 0; p < panels.length; p++) {
            panels[p] = new float[rows][like.panels()[p][0].length];
        }
        return new Gemm.Panels(panels);
    }

    @Override
    public double[] outputs() {
        return Loops.some(y);
    }

    @Override
    public double[] reference() {
        int[] sampled = Loops.sampled(x.length);
        double[] all = new double[sampled.length * hidden];
        for (int r = 0; r < sampled.length; r++) {
            for (int e : chosen[sampled[r]]) {
                double[] g = Gemm.product(x[sampled[r]], gate.get(e), inner);
                double[] u = Gemm.product(x[sampled[r]], up.get(e), inner);
                for (int i = 0; i < inner; i++) {
                    g[i] = g[i] / (1 + Math.exp(-g[i])) * u[i] / chosen[0].length;
                }
                double[] out = Gemm.product(g, down.get(e), hidden);
                for (int j = 0; j < hidden; j++) {
                    all[r * hidden + j] += out[j];
                }
            }
        }
        return all;
    }

    @Override
    public void poison() {
        Loops.poison(y);
    }
}
