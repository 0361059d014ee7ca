package dev.hourglass.device.bench.cpu;

/// One layer of an LSTM over T steps of B sequences, inputs I wide, state H wide. A step waits for the one before it,
/// so the parts are sequences.
final class Lstm implements CpuOperator {
    private static final int GATES = 4;
    private static final double PER_ELEMENT = 25;

    private final int steps;
    private final int sequences;
    private final int inputs;
    private final int hidden;
    /// Of each sequence its steps.
    private final float[][] x;
    private final float[][] ofInput;
    private final float[][] ofState;
    private final float[] bias;
    private final float[][] y;
    private final long memory;

    Lstm(Axes axes) {
        this.steps = axes.of("T");
        this.sequences = axes.of("B");
        this.inputs = axes.of("I");
        this.hidden = axes.of("H");
        this.x = axes.random(sequences * steps, inputs, 1);
        this.ofInput = axes.random(inputs, GATES * hidden, 1 / Math.sqrt(inputs));
        this.ofState = axes.random(hidden, GATES * hidden, 1 / Math.sqrt(hidden));
        this.bias = axes.random(GATES * hidden);
        this.y = axes.zeros(sequences * steps, hidden);
        this.memory = axes.taken();
    }

    @Override
    public double flops() {
        return (double) steps * sequences * (2.0 * GATES * hidden * (inputs + hidden) + PER_ELEMENT * hidden);
    }

    @Override
    public double bytes() {
        return (double) Float.BYTES
                * ((double) steps * GATES * hidden * (inputs + hidden + 1)
                        + (double) steps * sequences * (inputs + hidden));
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public double allowed() {
        return 1e-4;
    }

    @Override
    public void run(int part, int parts) {
        float[] gates = new float[GATES * hidden];
        float[] recurrent = new float[GATES * hidden];
        for (int b = Team.from(sequences, part, parts); b < Team.from(sequences, part + 1, parts); b++) {
            float[] cell = new float[hidden];
            float[] state = new float[hidden];
            for (int t = 0; t < steps; t++) {
                int row = b * steps + t;
                Loops.vectorMatrix(x[row], ofInput, gates, inputs, gates.length);
                Loops.vectorMatrix(state, ofState, recurrent, hidden, gates.length);
                for (int j = 0; j < gates.length; j++) {
                    gates[j] += recurrent[j] + bias[j];
                }
                step(gates, cell, y[row]);
                state = y[row];
            }
        }
    }

    private void step(float[] gates, float[] cell, float[] out) {
        for (int j = 0; j < hidden; j++) {
            float in = (float) sigmoid(gates[j]);
            float forget = (float) sigmoid(gates[hidden + j]);
            float fresh = (float) Math.tanh(gates[2 * hidden + j]);
            float open = (float) sigmoid(gates[3 * hidden + j]);
            cell[j] = forget * cell[j] + in * fresh;
            out[j] = open * (float) Math.tanh(cell[j]);
        }
    }

    private static double sigmoid(double v) {
        return 1 / (1 + Math.exp(-v));
    }

    @Override
    public double[] outputs() {
        return Loops.some(java.util.Arrays.copyOf(y, steps));
    }

    /// Of the first sequence.
    @Override
    public double[] reference() {
        double[] state = new double[hidden];
        double[] cell = new double[hidden];
        int[] sampled = Loops.sampled(steps);
        double[] all = new double[sampled.length * hidden];
        int at = 0;
        for (int t = 0; t < steps; t++) {
            double[] gates = new double[GATES * hidden];
            for (int i = 0; i < inputs; i++) {
                for (int j = 0; j < gates.length; j++) {
                    gates[j] += (double) x[t][i] * ofInput[i][j];
                }
            }
            for (int i = 0; i < hidden; i++) {
                for (int j = 0; j < gates.length; j++) {
                    gates[j] += state[i] * ofState[i][j];
                }
            }
            for (int j = 0; j < hidden; j++) {
                cell[j] = sigmoid(gates[hidden + j] + bias[hidden + j]) * cell[j]
                        + sigmoid(gates[j] + bias[j]) * Math.tanh(gates[2 * hidden + j] + bias[2 * hidden + j]);
                state[j] = sigmoid(gates[3 * hidden + j] + bias[3 * hidden + j]) * Math.tanh(cell[j]);
            }
            if (at < sampled.length && sampled[at] == t) {
                System.arraycopy(state, 0, all, at++ * hidden, hidden);
            }
        }
        return all;
    }

    @Override
    public void poison() {
        Loops.poison(y);
    }
}
