package dev.hourglass.core.placement;

import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// The experts that a recorded run chose.
///
/// @param uses in the order of their use, each as `position of its layer · experts + expert`
/// @param layers numbers of the layers with experts, in order
/// @param experts of a layer
/// @param used experts of a layer that a token chooses
/// @param tokens recorded
/// @param expertBytes of one expert; empty where the session does not tell
/// @param measured costs that the session tells
@SuppressWarnings("ArrayRecordComponent")
public record ExpertRun(
        int[] uses, int[] layers, int experts, int used, int tokens, OptionalLong expertBytes, ExpertCosts measured) {
    private static final QueryFile QUERIES =
            QueryFile.read(Objects.requireNonNull(ExpertRun.class.getResourceAsStream("placement.sql")));

    private static final double NS_PER_US = 1e3;

    /// What a session recorded; empty where it has no choices, or not as many of each layer and token.
    public static Optional<ExpertRun> read(Session session) {
        Rows rows = session.query(QUERIES.text("choices"));
        Rows shape = session.query(QUERIES.text("shape"));
        int tokens = number(shape, "tokens");
        int used = number(shape, "used");
        int experts = number(shape, "experts");
        SortedMap<Integer, Integer> positions = new TreeMap<>();
        for (int r = 0; r < rows.size(); r++) {
            positions.putIfAbsent((int) rows.integer(r, "layer").orElse(0), 0);
        }
        int[] layers = positions.keySet().stream().mapToInt(Integer::intValue).toArray();
        if (rows.size() == 0 || rows.size() != tokens * layers.length * used) {
            return Optional.empty();
        }
        for (int i = 0; i < layers.length; i++) {
            positions.put(layers[i], i);
        }
        int[] uses = new int[rows.size()];
        for (int r = 0; r < uses.length; r++) {
            int position = Objects.requireNonNull(
                    positions.get((int) rows.integer(r, "layer").orElse(0)));
            uses[r] = position * experts + (int) rows.integer(r, "expert").orElse(0);
        }
        OptionalLong bytes = shape.integer(0, "expert_bytes");
        return Optional.of(
                new ExpertRun(uses, layers, experts, used, tokens, bytes, costs(session, bytes, tokens, uses.length)));
    }

    private static int number(Rows rows, String column) {
        return (int) rows.integer(0, column).orElse(0);
    }

    private static ExpertCosts costs(Session session, OptionalLong bytes, int tokens, int uses) {
        Rows rows = session.query(QUERIES.text("costs"));
        OptionalDouble cpu = rows.real(0, "cpu_us");
        OptionalDouble token = rows.real(0, "token_us");
        OptionalDouble rate = rows.real(0, "copy_bytes_per_ns");
        OptionalDouble one =
                cpu.isPresent() ? OptionalDouble.of(cpu.getAsDouble() * tokens / uses) : OptionalDouble.empty();
        OptionalDouble copy = rate.isPresent() && bytes.isPresent()
                ? OptionalDouble.of(bytes.getAsLong() / rate.getAsDouble() / NS_PER_US)
                : OptionalDouble.empty();
        OptionalDouble rest =
                token.isPresent() ? OptionalDouble.of(token.getAsDouble() - cpu.orElse(0)) : OptionalDouble.empty();
        return new ExpertCosts(one, OptionalDouble.empty(), copy, rest);
    }

    /// All experts that there are.
    public int all() {
        return layers.length * experts;
    }

    CacheSimulation simulation() {
        return new CacheSimulation(uses, layers.length, experts);
    }

    /// How many of the experts of each layer and token are missing.
    int[] missing(boolean[] hits) {
        int[] missing = new int[uses.length / used];
        for (int i = 0; i < uses.length; i++) {
            if (!hits[i]) {
                missing[i / used]++;
            }
        }
        return missing;
    }
}
