package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.RowWriter;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Records of a worker: forward passes, CUDA graphs, encoders.
final class WorkerRows implements RecordRows {
    /// Steps that wait for what the device did.
    private static final int MOST_PENDING = 128;
    /// Steps of which the device's side is kept until that of the host is written.
    private static final int MOST_KEPT = 4 * MOST_PENDING;

    private static final String COUNT = "count";

    private final ProbedProcess process;
    private final Rows rows;
    private final StepFacts facts;
    private final Map<Long, ProbeRecord> pending = new LinkedHashMap<>();
    private final Map<Long, Values> devices = new LinkedHashMap<>();
    private final Map<Long, Long> ready = new LinkedHashMap<>();
    private final Map<Long, ProbeRecord> graphs = new HashMap<>();

    WorkerRows(ProbedProcess process, Rows rows, StepFacts facts) {
        this.process = process;
        this.rows = rows;
        this.facts = facts;
    }

    @Override
    public boolean take(ProbeRecord record) {
        switch (record.name()) {
            case "exec" -> pass(record);
            case "device_step" -> device(record.values());
            case "device_steps" -> record.forEachRow(this::device);
            case "tokens_ready" -> ready(record.values(), record.ts());
            case "steps_ready" -> record.forEachRow(row -> ready(row, row.number("start_ts", record.ts())));
            case "encoder" -> encoder(record);
            case "graph" -> graphs.put(record.values().number("graph", -1), record);
            case "graph_capture" -> capture(record);
            case "graph_replay" -> replay(record.values(), record.ts());
            case "graph_replays" -> record.forEachRow(row -> replay(row, row.number("start_ts", record.ts())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void pass(ProbeRecord record) {
        process.engine().ifPresent(engine -> facts.tell(engine, process.pid(), record.values()));
        later(pending, MOST_PENDING, step(record.values()), record).ifPresent(this::write);
    }

    private void device(Values times) {
        long step = step(times);
        times.number("total_ns")
                .ifPresent(
                        ns -> process.engine().ifPresent(engine -> facts.tellDevice(engine, process.pid(), step, ns)));
        later(devices, MOST_KEPT, step, times);
    }

    private void ready(Values waited, long ts) {
        later(ready, MOST_KEPT, step(waited), ts + waited.number("wait_ns", 0));
    }

    private static long step(Values told) {
        return told.number("step", -1);
    }

    /// Keeps what is told of a step until all is: what the host did, what the device did and when the tokens were
    /// there
    /// come in any order, some steps apart.
    ///
    /// @return what was kept longest, where that is long enough
    private static <T> Optional<T> later(Map<Long, T> kept, int most, long step, T told) {
        kept.put(step, told);
        if (kept.size() <= most) {
            return Optional.empty();
        }
        Iterator<T> oldest = kept.values().iterator();
        T taken = oldest.next();
        oldest.remove();
        return Optional.of(taken);
    }

    private void write(ProbeRecord record) {
        Values exec = record.values();
        RowWriter row = process.name(rows.row(ProbeTables.FORWARD_PASS)).set("ts", record.ts());
        exec.copy("step", row);
        exec.copy("execute_ns", row, "dur");
        exec.number("rank")
                .ifPresentOrElse(
                        rank -> row.set("rank", rank),
                        () -> process.rank("rank").ifPresent(rank -> row.set("rank", rank)));
        exec.word("runner").ifPresent(runner -> row.set("runner", runner));
        exec.copy("requests", row);
        exec.copy("tokens", row);
        exec.copy("padded_tokens", row);
        exec.word("mode").ifPresent(mode -> row.set("graph_mode", mode));
        exec.copy("replays", row);
        exec.copy("forward_ts", row);
        exec.copy("forward_ns", row);
        exec.copy("sample_ts", row);
        exec.copy("sample_ns", row);
        Long readyTs = ready.remove(step(exec));
        if (readyTs != null) {
            row.set("ready_ts", readyTs);
        }
        Values device = devices.remove(step(exec));
        if (device != null) {
            deviceTimes(device, row);
        }
        row.end();
    }

    private static void deviceTimes(Values device, RowWriter row) {
        device.copy("total_ns", row, "gpu_ns");
        device.copy("prepare_ns", row, "gpu_prepare_ns");
        device.copy("forward_ns", row, "gpu_forward_ns");
        device.copy("sample_ns", row, "gpu_sample_ns");
        device.copy("since_previous_ns", row, "gpu_idle_ns");
    }

    private void encoder(ProbeRecord record) {
        Values part = record.values();
        RowWriter row = process.name(rows.row(EngineTables.ENCODER_DECODER)).set("ts", record.ts());
        part.number("device_ns")
                .ifPresentOrElse(
                        ns -> row.set("dur", ns), () -> part.number("dur").ifPresent(ns -> row.set("dur", ns)));
        part.word("component").ifPresent(component -> row.set("component", component));
        part.text("context").ifPresent(context -> row.set("context", context));
        row.end();
    }

    private void capture(ProbeRecord record) {
        RowWriter row = process.name(rows.row(EngineTables.CUDA_GRAPH_CAPTURE)).set("ts", record.ts());
        record.values().copy("dur", row);
        describe(record.values(), row);
        row.end();
    }

    private void replay(Values told, long ts) {
        RowWriter row = process.name(rows.row(EngineTables.CUDA_GRAPH_REPLAY)).set("ts", ts);
        told.copy("dur", row);
        row.set(COUNT, told.number(COUNT, 1));
        describe(told, row);
        row.end();
    }

    /// Sets what the graph is for.
    private void describe(Values told, RowWriter row) {
        ProbeRecord graph = graphs.get(told.number("graph", -1));
        if (graph == null) {
            return;
        }
        Values what = graph.values();
        what.word("mode").ifPresent(mode -> row.set("mode", mode));
        what.copy("tokens", row);
        what.copy("requests", row);
        what.flag("uniform").ifPresent(uniform -> row.set("uniform", uniform));
        what.flag("lora").ifPresent(lora -> row.set("lora", lora));
    }

    @Override
    public void end() {
        pending.values().forEach(this::write);
        pending.clear();
    }
}
