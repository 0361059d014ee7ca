package dev.hourglass.device.llama;

import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;

/// The measured steps as rows in a [RowSpool].
final class StepLog implements AutoCloseable {
    /// What an engine that dies may take with it.
    private static final long APPEND_NS = 50_000_000;

    private final RowSpool spool;
    private final RowWriter tokens;
    private final RowWriter unprofiled;
    private final RowWriter ops;
    private final RowWriter choices;
    private final LongSupplier clock;
    private int pairs;
    private long pieces;
    private long appended;

    /// @param clock nanoseconds
    StepLog(RowSpool spool, LongSupplier clock) {
        this.spool = spool;
        this.clock = clock;
        this.tokens = new RowWriter(Tables.TOKEN, spool);
        this.unprofiled = new RowWriter(Tables.TOKEN_UNPROFILED, spool);
        this.ops = new RowWriter(Tables.OP, spool);
        this.choices = new RowWriter(Tables.EXPERT_CHOICE, spool);
    }

    /// Adds a profiled step and the unprofiled one beside it.
    void add(Decoder.Step profiled, Decoder.Step plain) {
        int token = pairs++;
        token(tokens, token, profiled).set("token_id", (long) profiled.token()).end();
        token(unprofiled, token, plain).end();
        RecordedStep step = profiled.recorded().orElseThrow();
        pieces += step.ends().length;
        pieces(ops, token, step, profiled);
        choices(choices, token, step);
        if (clock.getAsLong() - appended > APPEND_NS) {
            append();
        }
    }

    int pairs() {
        return pairs;
    }

    /// Pieces of the profiled steps.
    long pieces() {
        return pieces;
    }

    private void append() {
        for (RowWriter table : List.of(tokens, unprofiled, ops, choices)) {
            table.flush();
        }
        try {
            spool.append();
        } catch (IOException e) {
            throw new EngineException("cannot keep the steps that were measured: " + e.getMessage(), e);
        }
        appended = clock.getAsLong();
    }

    @Override
    public void close() {
        append();
    }

    private static RowWriter token(RowWriter out, int token, Decoder.Step step) {
        return out.set("token", (long) token)
                .set("ts", step.ts())
                .set("dur", step.dur())
                .set("position", (long) step.position());
    }

    private static void pieces(RowWriter out, int token, RecordedStep step, Decoder.Step whole) {
        own(out, token, "decode_begin", Component.T_SCHEDULING, step.entered(), step.began());
        long from = step.began();
        for (int i = 0; i < step.ends().length; i++) {
            StepPlan.Piece piece = step.plan().pieces().get(i);
            piece.layer().ifPresent(layer -> out.set("layer", (long) layer));
            out.set("kind", piece.kind())
                    .set("nodes", (long) piece.nodes())
                    .set("weight_bytes", piece.weightBytes())
                    .set("flops", piece.flops());
            span(out, token, piece.name(), piece.component(), from, step.ends()[i]);
            from = step.ends()[i];
        }
        own(out, token, "decode_end", Component.T_SCHEDULING, from, step.left());
        own(out, token, "sample", Component.SAMPLING, step.left(), whole.ts() + whole.dur());
    }

    /// Time outside the graph.
    private static void own(RowWriter out, int token, String name, Component component, long from, long to) {
        out.set("nodes", 0L);
        span(out, token, name, component, from, to);
    }

    private static void span(RowWriter out, int token, String name, Component component, long from, long to) {
        out.set("token", (long) token)
                .set("name", name)
                .set("component", component.key())
                .set("ts", from)
                .set("dur", to - from)
                .end();
    }

    private static void choices(RowWriter out, int token, RecordedStep step) {
        for (int c = 0; c < step.experts().length; c++) {
            for (int slot = 0; slot < step.experts()[c].length; slot++) {
                out.set("token", (long) token)
                        .set("layer", (long) step.plan().capture(c).layer())
                        .set("slot", (long) slot)
                        .set("expert", (long) step.experts()[c][slot])
                        .set("weight", (double) step.factors()[c][slot])
                        .end();
            }
        }
    }
}
