package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.RowWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The lives of requests, from what front ends and engine cores tell of them.
final class Requests {
    private final Map<String, Life> lives = new LinkedHashMap<>();
    private final Rows rows;

    /// One request: the first moment of each kind, the last word on each number.
    private static final class Life {
        private final Map<String, Long> moments = new HashMap<>();
        private final Map<String, Long> numbers = new HashMap<>();
        private @Nullable String engine;
        private @Nullable String reason;
        private long preemptions;

        OptionalLong moment(String... kinds) {
            for (String kind : kinds) {
                Long ts = moments.get(kind);
                if (ts != null) {
                    return OptionalLong.of(ts);
                }
            }
            return OptionalLong.empty();
        }
    }

    Requests(Rows rows) {
        this.rows = rows;
    }

    /// The rows of one process.
    RecordRows of(ProbedProcess process) {
        return new RecordRows() {
            @Override
            public boolean take(ProbeRecord record) {
                if (!record.name().equals("request")) {
                    return false;
                }
                moment(process, record);
                return true;
            }

            @Override
            public void end() {
                // a request's life goes through several processes
            }
        };
    }

    private void moment(ProbedProcess process, ProbeRecord record) {
        Values told = record.values();
        String name = told.text("request").orElse("?");
        String event = told.word("event").orElse("?");
        Life life = lives.computeIfAbsent(name, request -> new Life());
        life.moments.merge(event, record.ts(), Math::min);
        for (String number : new String[] {"prompt_tokens", "output_tokens"}) {
            told.number(number).ifPresent(value -> life.numbers.put(number, value));
        }
        if (event.equals("scheduled")) {
            told.number("cached_tokens").ifPresent(value -> life.numbers.put("cached_tokens", value));
        }
        if (process.isEngineCore()) {
            process.engine().ifPresent(engine -> life.engine = engine);
        }
        switch (event) {
            case "scheduled" -> preemption(process, record, "started", name);
            case "resumed" -> preemption(process, record, "resumed", name);
            case "preempted" -> {
                life.preemptions++;
                preemption(process, record, "preempted", name);
            }
            case "finished" -> {
                told.text("reason").ifPresent(reason -> life.reason = reason);
                preemption(process, record, "finished", name);
            }
            default -> {}
        }
    }

    private void preemption(ProbedProcess process, ProbeRecord record, String event, String request) {
        Values told = record.values();
        RowWriter row = process.name(rows.row(EngineTables.PREEMPTION))
                .set("ts", record.ts())
                .set("request", request)
                .set("event", event);
        told.text("reason").ifPresent(reason -> row.set("reason", reason));
        told.copy("running_ns", row);
        told.copy("computed_tokens", row);
        told.copy("blocks", row);
        row.end();
    }

    /// Writes all of them.
    void end() {
        lives.forEach(this::write);
        lives.clear();
    }

    private void write(String name, Life life) {
        RowWriter row = rows.row(EngineTables.REQUEST).set("request", name).set("preemptions", life.preemptions);
        if (life.engine != null) {
            row.set("engine", life.engine);
        }
        if (life.reason != null) {
            row.set("finish_reason", life.reason);
        }
        life.numbers.forEach(row::set);
        OptionalLong arrival = life.moment("received", "queued");
        OptionalLong scheduled = life.moment("scheduled");
        OptionalLong first = life.moment("first_text", "first_token");
        OptionalLong finished = life.moment("delivered", "finished");
        arrival.ifPresent(ts -> row.set("arrival_ts", ts));
        scheduled.ifPresent(ts -> row.set("scheduled_ts", ts));
        first.ifPresent(ts -> row.set("first_token_ts", ts));
        finished.ifPresent(ts -> row.set("finished_ts", ts));
        span(row, "queue_ns", arrival, scheduled);
        span(row, "ttft_ns", arrival, first);
        span(row, "e2e_ns", arrival, finished);
        row.end();
    }

    private static void span(RowWriter row, String column, OptionalLong from, OptionalLong to) {
        if (from.isPresent() && to.isPresent() && to.getAsLong() >= from.getAsLong()) {
            row.set(column, to.getAsLong() - from.getAsLong());
        }
    }
}
