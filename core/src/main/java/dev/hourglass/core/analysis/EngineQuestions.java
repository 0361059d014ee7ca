package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The questions that an engine answers which was recorded while it served: from its own steps and the tokens of its
/// requests, where neither tokens of a decode run nor steps of a timeline were recorded.
final class EngineQuestions {
    private static final String GAPS = "engine/token_gaps";
    private static final String FORWARD = "engine/forward";
    private static final String ENGINE = "engine";
    private static final double NS_PER_MS = 1e6;

    private final SevenQuestions.Evidence evidence;

    EngineQuestions(SevenQuestions.Evidence evidence) {
        this.evidence = evidence;
    }

    /// One row of an answer.
    private record Row(Rows rows, int index) {
        double number(String column) {
            return rows.real(index, column).orElse(0);
        }

        boolean has(String column) {
            return rows.real(index, column).isPresent();
        }

        String time(String column) {
            return Format.value(number(column), Unit.NANOSECONDS);
        }

        String engine() {
            return rows.text(index, ENGINE, "");
        }
    }

    private List<Row> rows(String analysis) {
        return evidence.rows(analysis).stream()
                .flatMap(rows -> IntStream.range(0, rows.size()).mapToObj(i -> new Row(rows, i)))
                .toList();
    }

    /// The engine that gave most tokens.
    private Optional<Row> tokens() {
        return rows(GAPS).stream().max(Comparator.comparingDouble(row -> row.number("tokens")));
    }

    Optional<Answer> latency() {
        return tokens().map(row -> new Answer(
                "q1",
                SevenQuestions.LATENCY,
                "A request of " + row.engine() + " waits " + row.time("mean") + " for its next token on average"
                        + (row.has("deviation")
                                ? ", with a standard deviation of " + row.time("deviation") + " (variance "
                                        + Format.significant(Math.pow(row.number("deviation") / NS_PER_MS, 2)) + " ms²)"
                                : "")
                        + ", over " + Format.value(row.number("tokens"), Unit.COUNT) + " tokens; median "
                        + row.time("median") + (row.has("p99") ? ", p99 " + row.time("p99") : "") + ", longest "
                        + row.time("longest")
                        + (row.has("rate")
                                ? ". All requests together get "
                                        + Format.value(row.number("rate"), Unit.TOKENS_PER_SECOND)
                                : "")
                        + ".",
                Answer.Status.ANSWERED,
                List.of(
                        "From the end of the engine's step that gave a request its token to the end of that which gives"
                                + " the next: preemption and prompts of others included.",
                        "Analysis " + GAPS + "; why tokens were late: engine/late_tokens."),
                Optional.of(Queries.library(GAPS))));
    }

    Optional<Answer> biggest() {
        Optional<Row> decode = tokens().flatMap(engine -> rows(FORWARD).stream()
                .filter(row -> row.engine().equals(engine.engine())
                        && row.rows.text(row.index, "phase", "").equals("decode"))
                .findFirst());
        return decode.filter(row -> row.has("forward") && row.number("wall") > 0)
                .map(this::biggest);
    }

    private Answer biggest(Row row) {
        double forward = row.number("forward");
        double sample = row.number("sample");
        double prepare = Math.max(0, row.number("execute") - forward);
        double rest = Math.max(0, row.number("wall") - forward - sample - prepare);
        List<Map.Entry<String, Double>> parts = new ArrayList<>(List.of(
                Map.entry("The forward pass", forward),
                Map.entry("Sampling", sample),
                Map.entry("Preparing inputs in the worker", prepare),
                Map.entry("Scheduling, handing over and waiting for the step before", rest)));
        parts.sort(Map.Entry.<String, Double>comparingByValue().reversed());
        return new Answer(
                "q2",
                SevenQuestions.BIGGEST,
                share(parts.getFirst(), row) + ". " + share(parts.get(1), row) + " comes next.",
                Answer.Status.ANSWERED,
                List.of(
                        "Medians over the steps of decode, on the host: where a GPU computes, the forward pass is what"
                                + " launching it takes, and with asynchronous scheduling a step begins before the one before"
                                + " it is over.",
                        "Analysis " + FORWARD + "."),
                Optional.of(Queries.library(FORWARD)));
    }

    private static String share(Map.Entry<String, Double> part, Row step) {
        return part.getKey() + " with " + Format.value(part.getValue() / step.number("wall"), Unit.RATIO)
                + " of a step of decode (" + Format.value(part.getValue(), Unit.NANOSECONDS) + ")";
    }
}
