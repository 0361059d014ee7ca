package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.RowWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Records of routed experts. Sums go over all processes that see tokens of their own.
final class ExpertRows implements RecordRows {
    /// Experts of a layer: more are none that any model has.
    private static final int MOST_EXPERTS = 4096;

    private final Rows rows;
    private final Map<Long, Layer> layers = new TreeMap<>();
    private boolean counts = true;

    /// Sums of one layer.
    private static final class Layer {
        private long[] choices = new long[0];
        private final Map<Integer, long[]> pairs = new TreeMap<>();
        private final Map<Bin, Long> weights = new TreeMap<>();
    }

    /// A bin of weights.
    private record Bin(double low, double high) implements Comparable<Bin> {
        @Override
        public int compareTo(Bin other) {
            int byLow = Double.compare(low, other.low);
            return byLow != 0 ? byLow : Double.compare(high, other.high);
        }
    }

    ExpertRows(Rows rows) {
        this.rows = rows;
    }

    /// Goes on with another process.
    ///
    /// @param countsTokens whether the tokens that it sees are seen by no other one
    ExpertRows of(boolean countsTokens) {
        counts = countsTokens;
        return this;
    }

    @Override
    public boolean take(ProbeRecord record) {
        switch (record.name()) {
            case "moe_layer" -> layer(record.values(), record.values().number("experts", 0));
            case "moe_count" -> choices(record);
            case "moe_pair" -> pairs(record);
            case "moe_weight" -> weights(record);
            case "moe_sample" -> sample(record);
            case "moe_balance" -> balance(record);
            default -> {
                return false;
            }
        }
        return true;
    }

    private Layer layer(Values of) {
        return layers.computeIfAbsent(of.number("layer", 0), number -> new Layer());
    }

    /// Makes room for the experts of a layer, so that those that are never chosen count too.
    private Layer layer(Values of, long experts) {
        Layer layer = layer(of);
        if (experts > layer.choices.length && experts <= MOST_EXPERTS) {
            layer.choices = Arrays.copyOf(layer.choices, (int) experts);
        }
        return layer;
    }

    private void choices(ProbeRecord record) {
        if (!counts) {
            return;
        }
        long[] choices = layer(record.values(), record.rows()).choices;
        int[] expert = {0};
        record.forEachRow(row -> {
            if (expert[0] < choices.length) {
                choices[expert[0]] += row.number("choices", 0);
            }
            expert[0]++;
        });
    }

    private void pairs(ProbeRecord record) {
        Layer layer = layer(record.values());
        if (counts) {
            record.forEachRow(row -> {
                int pair = (int) row.number("first", 0) << Short.SIZE | (int) row.number("second", 0);
                layer.pairs.computeIfAbsent(pair, key -> new long[1])[0] += row.number("tokens", 0);
            });
        }
    }

    private void weights(ProbeRecord record) {
        Layer layer = layer(record.values());
        double low = record.values().real("low");
        double width = (record.values().real("high") - low) / Math.max(1, record.rows());
        int[] bin = {0};
        record.forEachRow(row -> {
            double from = low + width * bin[0]++;
            long weights = row.number("weights", 0);
            if (counts && weights > 0 && Double.isFinite(width)) {
                layer.weights.merge(new Bin(from, from + width), weights, Long::sum);
            }
        });
    }

    private void sample(ProbeRecord record) {
        if (!counts) {
            return;
        }
        Values sample = record.values();
        long perToken = Math.max(1, sample.number("top_k", 1));
        long first = sample.number("first_token", 0);
        long[] row = {0};
        record.forEachRow(choice -> {
            RowWriter weight = rows.row(EngineTables.EXPERT_WEIGHT).set("token", first + row[0]++ / perToken);
            sample.copy("layer", weight);
            choice.copy("expert", weight);
            weight.set("weight", choice.real("weight")).end();
        });
    }

    private void balance(ProbeRecord record) {
        if (!counts) {
            return;
        }
        long experts = Math.max(1, record.values().number("experts", 1));
        record.forEachRow(layer -> {
            double choices = layer.number("choices", 0);
            double mean = choices / experts;
            double variance = layer.number("sum_squares", 0) / (double) experts - mean * mean;
            RowWriter row = rows.row(EngineTables.EXPERT_LOAD)
                    .set("ts", record.ts())
                    .set("stddev", Math.sqrt(Math.max(0, variance)))
                    .set("max_min", layer.number("max", 0) / (double) layer.number("min_chosen", 0));
            layer.copy("layer", row);
            layer.copy("choices", row);
            layer.copy("idle", row);
            row.end();
        });
    }

    @Override
    public void end() {
        layers.forEach((number, layer) -> {
            for (int expert = 0; expert < layer.choices.length; expert++) {
                count(number, expert, layer.choices[expert]).end();
            }
            layer.pairs.forEach((pair, tokens) -> count(number, pair >>> Short.SIZE, tokens[0])
                    .set("other_expert", pair & 0xFFFF)
                    .end());
            layer.weights.forEach((bin, weights) -> rows.row(ProbeTables.EXPERT_WEIGHT_BIN)
                    .set("layer", number)
                    .set("low", bin.low)
                    .set("high", bin.high)
                    .set("weights", weights)
                    .end());
        });
    }

    private RowWriter count(long layer, int expert, long tokens) {
        return rows.row(EngineTables.EXPERT_COUNT)
                .set("layer", layer)
                .set("expert", expert)
                .set("tokens", tokens);
    }
}
