package dev.hourglass.device.llama;

import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.util.List;

/// The measured steps of a run that uses a GPU, as rows in a [RowSpool].
final class DeviceLog implements AutoCloseable {
    /// What an engine that dies may take with it.
    private static final long APPEND_NS = 50_000_000;

    private final RowSpool spool;
    private final RowWriter tokens;
    private final RowWriter unprofiled;
    private final RowWriter observed;
    private final RowWriter splits;
    private final RowWriter choices;
    private long appended = System.nanoTime();

    DeviceLog(RowSpool spool) {
        this.spool = spool;
        this.tokens = new RowWriter(Tables.TOKEN, spool);
        this.unprofiled = new RowWriter(Tables.TOKEN_UNPROFILED, spool);
        this.observed = new RowWriter(Tables.OBSERVED_STEP, spool);
        this.splits = new RowWriter(Tables.ENGINE_SPLIT, spool);
        this.choices = new RowWriter(Tables.EXPERT_CHOICE, spool);
    }

    /// A step with everything that is known of it.
    void token(int token, TokenLoop.Step step) {
        row(tokens, token, step).set("token_id", (long) step.token()).end();
        step.noted().ifPresent(noted -> {
            splits(token, noted);
            choices(token, noted);
        });
        keep();
    }

    /// A step that nobody observed.
    void unobserved(int token, TokenLoop.Step step) {
        row(unprofiled, token, step).end();
        keep();
    }

    /// A step that shows what a way of observing costs.
    ///
    /// @param how as the table tells
    void observed(String how, int token, TokenLoop.Step step) {
        row(observed, token, step).set("how", how).end();
    }

    private static RowWriter row(RowWriter out, int token, TokenLoop.Step step) {
        return out.set("token", (long) token)
                .set("ts", step.ts())
                .set("dur", step.dur())
                .set("position", (long) step.position());
    }

    private void splits(int token, SplitRecorder.Noted noted) {
        List<SplitPlan.Split> plan = noted.plan().splits();
        for (int s = 0; s < plan.size(); s++) {
            SplitPlan.Split split = plan.get(s);
            split.layer().ifPresent(layer -> splits.set("layer", (long) layer));
            splits.set("token", (long) token)
                    .set("split", (long) s)
                    .set("backend", split.backend())
                    .set("component", split.component().key())
                    .set("name", split.name())
                    .set("kind", split.kind())
                    .set("nodes", (long) (split.to() - split.from()))
                    .set("weight_bytes", split.weightBytes())
                    .set("flops", split.flops())
                    .set("ts", noted.firsts()[s])
                    .set("begin_ts", noted.lasts()[s])
                    .end();
        }
    }

    private void choices(int token, SplitRecorder.Noted noted) {
        for (int c = 0; c < noted.experts().length; c++) {
            int[] experts = noted.experts()[c];
            for (int slot = 0; slot < experts.length; slot++) {
                choices.set("token", (long) token)
                        .set("layer", (long) noted.plan().captures().get(c).layer())
                        .set("slot", (long) slot)
                        .set("expert", (long) experts[slot])
                        .end();
            }
        }
    }

    private void keep() {
        long now = System.nanoTime();
        if (now - appended > APPEND_NS) {
            append();
            appended = now;
        }
    }

    private void append() {
        for (RowWriter table : List.of(tokens, unprofiled, observed, splits, choices)) {
            table.flush();
        }
        try {
            spool.append();
        } catch (IOException e) {
            throw new EngineException("cannot keep the steps that were measured: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        append();
    }
}
