package dev.hourglass.device.bench.process;

import dev.hourglass.core.stat.StopRule;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.BenchResult;
import dev.hourglass.device.bench.BenchRows;
import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.Ceilings;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Harness;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Roofs;
import dev.hourglass.device.bench.Timed;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// The process in which benchmarks run. It reads its job from standard input, then any byte there asks it to finish
/// early; the end of the input means that its parent is gone.
final class BenchMain {
    private static final int ORPHANED = 75;
    /// Operators that are timed side by side.
    private static final int TOGETHER = 4;

    private static final int QUICK_CEILING_MILLIS = 220;
    private static final int CEILING_MILLIS = 1_200;
    private static final Duration CEILING_WARM_UP = Duration.ofMillis(40);
    private static final Duration WARM_UP = Duration.ofMillis(100);

    private final BenchPipe pipe;
    private final BenchJob job;
    private final BenchRows rows;
    private volatile boolean interrupted;

    private BenchMain(BenchPipe pipe, BenchJob job) {
        this.pipe = pipe;
        this.job = job;
        this.rows = new BenchRows(pipe);
    }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        BenchPipe pipe = new BenchPipe(new DataOutputStream(Files.newOutputStream(BenchCommand.PIPE)));
        BenchMain main = new BenchMain(pipe, BenchJob.read(in));
        Thread.ofPlatform().daemon().name("commands").start(() -> main.listen(in));
        try {
            main.run();
        } catch (ImpossibleShapeException e) {
            pipe.refused(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            pipe.refused("out of memory: " + e.getMessage());
        }
        pipe.finished();
        System.exit(0);
    }

    private void listen(DataInputStream in) {
        try {
            while (in.read() >= 0) {
                interrupted = true;
            }
        } catch (IOException e) {
            interrupted = true;
        }
        Runtime.getRuntime().halt(ORPHANED);
    }

    private void run() {
        switch (Backends.find(job.device())) {
            case Backends.Outcome.Absent absent -> pipe.refused(absent.reason());
            case Backends.Outcome.Found found -> {
                try (Backend backend = found.backend()) {
                    run(backend);
                }
            }
        }
    }

    private void run(Backend backend) {
        switch (job.kind()) {
            case OFFERS -> backend.offers().forEach(pipe::offer);
            case CEILINGS -> {
                List<Ceiling> ignored = ceilings(backend, job.quick());
            }
            case KERNELS -> {
                List<Ceiling> known = job.ceilings().isEmpty() ? ceilings(backend, true) : job.ceilings();
                kernels(backend, new Roofs(known, backend.levels()));
            }
        }
    }

    private List<Ceiling> ceilings(Backend backend, boolean quick) {
        pipe.progress("preparing", 0, 1, 0);
        StopRule rule = StopRule.within(Duration.ofMillis(quick ? QUICK_CEILING_MILLIS : CEILING_MILLIS));
        Harness harness = new Harness(
                rule,
                CEILING_WARM_UP,
                () -> interrupted,
                (done, of, left) -> pipe.progress("ceilings", done, of, left.toMillis()));
        List<BenchResult> results = harness.run(backend.ceilings(quick), Roofs.unknown());
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<Ceiling> ceilings = Ceilings.of(results, backend, now);
        ceilings.forEach(ceiling -> ceiling.write(pipe));
        String again = "hourglass roofline --device " + job.device() + (quick ? " --quick" : "");
        results.forEach(result -> rows.write(result, again));
        results.stream()
                .filter(r -> r.check() instanceof Check.Wrong)
                .forEach(r -> missing(r.work().op() + " " + r.work().dtype(), "its result was wrong"));
        backend.notMeasured().forEach(this::missing);
        return ceilings;
    }

    private void missing(String item, String reason) {
        try (RowWriter writer = new RowWriter(Tables.NOT_MEASURED, pipe)) {
            writer.set("item", item)
                    .set("status", "not_measured")
                    .set("reason", reason)
                    .end();
        }
    }

    private void kernels(Backend backend, Roofs roofs) {
        StopRule rule = StopRule.within(Duration.ofMillis(job.millis()));
        List<BenchJob.Item> items = job.items();
        for (int from = 0; from < items.size() && !interrupted; from += TOGETHER) {
            List<BenchJob.Item> group = items.subList(from, Math.min(items.size(), from + TOGETHER));
            group(backend, roofs, rule, group, from);
        }
    }

    private void group(Backend backend, Roofs roofs, StopRule rule, List<BenchJob.Item> group, int before) {
        List<Timed> timed = new ArrayList<>();
        List<BenchJob.Item> able = new ArrayList<>();
        for (BenchJob.Item item : group) {
            pipe.progress(item.op(), before, job.items().size(), left(before));
            try {
                timed.add(backend.prepare(item.op(), item.axes(), item.dtype(), item.cache()));
                able.add(item);
            } catch (ImpossibleShapeException e) {
                missing(item.op() + " " + BenchRows.axes(item.axes()), String.valueOf(e.getMessage()));
            }
        }
        try {
            Harness harness = new Harness(
                    rule,
                    WARM_UP,
                    () -> interrupted,
                    (done, of, left) -> pipe.progress(
                            "kernels", before + done, job.items().size(), left.toMillis() + left(before + of)));
            List<BenchResult> results = harness.run(timed, roofs);
            for (int i = 0; i < results.size(); i++) {
                rows.write(results.get(i), able.get(i).reproduce());
            }
        } finally {
            timed.forEach(Timed::close);
        }
    }

    /// At most.
    private long left(int done) {
        return (long) (job.items().size() - done) * (job.millis() + WARM_UP.toMillis());
    }
}
