package dev.hourglass.core.export;

import java.util.List;
import java.util.Locale;

/// What is told of a run in Prometheus' text format, while it is recorded and afterwards, under one name. Units are those
/// of the format: seconds, watts, hertz, bytes, ratios.
///
/// A summary has a sum and a count: their quotient is the mean of what its labels name, so each mean is of one phase.
public enum RunFamily {
    ENGINE_STEP_SECONDS(
            Kind.SUMMARY,
            "Time of an engine's step, from the scheduler's decision until its result was taken in, by phase."),
    ENGINE_STEP_TOKENS(Kind.SUMMARY, "Tokens that a step schedules, by phase."),
    ENGINE_STEP_REQUESTS(Kind.SUMMARY, "Requests in a step, by phase: the batch size."),
    ENGINE_SCHEDULE_SECONDS(Kind.SUMMARY, "Time of the scheduler's decision, by phase."),
    ENGINE_FORWARD_SECONDS(Kind.SUMMARY, "Time of a worker's call for a step on the host, by phase."),
    ENGINE_FORWARD_GPU_SECONDS(Kind.SUMMARY, "Time of a step on the GPU between events around it, by phase."),
    ENGINE_REQUESTS_RUNNING(Kind.GAUGE, "Requests in the running batch, last seen."),
    ENGINE_REQUESTS_WAITING(Kind.GAUGE, "Requests that wait, last seen."),
    ENGINE_KV_USAGE_RATIO(Kind.GAUGE, "Share of the KV cache's blocks in use, last seen."),
    ENGINE_REQUESTS_FINISHED_TOTAL(Kind.COUNTER, "Requests that an engine ended."),
    ENGINE_PREEMPTIONS_TOTAL(Kind.COUNTER, "Preemptions of requests."),
    GPU_SAMPLE(Kind.GAUGE, "Last sample of a metric of a GPU, in its unit."),
    PHASE_GPU_SAMPLE(Kind.SUMMARY, "Samples of a metric of a GPU that were taken while a step of the phase ran.");

    /// The type, as the format calls it.
    public enum Kind {
        COUNTER,
        GAUGE,
        SUMMARY;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final String help;

    RunFamily(Kind kind, String help) {
        this.kind = kind;
        this.help = help;
    }

    /// `hourglass_…`; never changed once it is there.
    public String metric() {
        return "hourglass_" + name().toLowerCase(Locale.ROOT);
    }

    public Kind kind() {
        return kind;
    }

    /// Names of its labels, in the order of the query's columns behind the two of its value.
    List<String> labels() {
        return switch (this) {
            case GPU_SAMPLE -> List.of("device", "metric", "unit");
            case PHASE_GPU_SAMPLE -> List.of("device", "metric", "unit", "phase");
            default -> kind == Kind.SUMMARY ? List.of("phase") : List.of();
        };
    }

    /// Name of the query that tells it of a recorded run: value or sum, count, labels.
    String query() {
        return "run_" + name().toLowerCase(Locale.ROOT);
    }

    public String help() {
        return help;
    }
}
