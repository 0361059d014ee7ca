package dev.hourglass.device.llama;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.util.ArrayList;
import java.util.List;

/// The measured steps, and the rows that they become.
final class StepLog {
    private record Pair(Decoder.Step profiled, Decoder.Step plain) {}

    private final List<Pair> pairs = new ArrayList<>();

    /// Adds a profiled step and the unprofiled one beside it.
    void add(Decoder.Step profiled, Decoder.Step plain) {
        pairs.add(new Pair(profiled, plain));
    }

    int pairs() {
        return pairs.size();
    }

    void write(BatchSink sink) {
        try (RowWriter tokens = new RowWriter(Tables.TOKEN, sink);
                RowWriter plain = new RowWriter(Tables.TOKEN_UNPROFILED, sink);
                RowWriter ops = new RowWriter(Tables.OP, sink);
                RowWriter choices = new RowWriter(Tables.EXPERT_CHOICE, sink)) {
            for (int token = 0; token < pairs.size(); token++) {
                Pair pair = pairs.get(token);
                token(tokens, token, pair.profiled())
                        .set("token_id", (long) pair.profiled().token())
                        .end();
                token(plain, token, pair.plain()).end();
                RecordedStep step = pair.profiled().recorded().orElseThrow();
                pieces(ops, token, step, pair.profiled());
                choices(choices, token, step);
            }
        }
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
