package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.collect.BarrierProbe;
import dev.hourglass.device.llama.EngineListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Probes the engine's thread barrier over a few steps of their own, for `t_sync`; where that is not
/// permitted, says why.
final class BarrierWatch implements AutoCloseable {
    private final BatchSink sink;
    private final List<BarrierProbe.Step> steps = new ArrayList<>();
    private @Nullable BarrierProbe probe;

    BarrierWatch(BatchSink sink) {
        this.sink = sink;
    }

    /// A thread alone waits for nobody: what its barrier takes is no wait.
    void attach(EngineListener.BarrierProbe place) {
        if (place.threadIds().size() < 2) {
            unknown(new BarrierProbe.Unavailable(
                    "one thread computes, and there is nobody to wait for", Optional.empty()));
            return;
        }
        BarrierProbe.Attachment attachment = BarrierProbe.attach(
                place.threadIds().stream().map(Integer::longValue).toList(), place.library(), place.symbol());
        switch (attachment) {
            case BarrierProbe.Attached attached -> probe = attached.probe();
            case BarrierProbe.Unavailable unavailable -> unknown(unavailable);
        }
    }

    void step(int step, long ts, long dur) {
        steps.add(new BarrierProbe.Step(step, ts, dur));
    }

    void detach() {
        if (probe != null) {
            probe.detach();
            probe.write(sink, steps);
        }
    }

    @Override
    public void close() {
        if (probe != null) {
            probe.close();
        }
    }

    private void unknown(BarrierProbe.Unavailable why) {
        try (RowWriter rows = new RowWriter(Tables.NOT_MEASURED, sink)) {
            rows.set("item", Component.T_SYNC.key())
                    .set("status", "not_measured")
                    .set("reason", why.reason());
            why.howToRecord().ifPresent(how -> rows.set("how_to_record", how));
            rows.end();
        }
    }
}
