package dev.hourglass.app.bench;

import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.bench.process.BenchJob;
import dev.hourglass.device.bench.process.BenchOutcome;
import dev.hourglass.device.bench.process.BenchProcess;
import dev.hourglass.device.host.HostInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// Runs benchmarks, and keeps what they measured.
public final class Benchmarks {
    private Benchmarks() {}

    /// Runs a job until it ends, or somebody asks it to.
    ///
    /// @param interruptible calls what it is given when the user wants an end, until what it returns is closed
    @SuppressWarnings("try") // what lasts is only closed
    public static BenchOutcome run(
            BenchJob job,
            Measured into,
            BenchProcess.Progress progress,
            Function<Runnable, ? extends AutoCloseable> interruptible)
            throws IOException {
        try (BenchProcess process = BenchProcess.start(job);
                AutoCloseable lasting = interruptible.apply(process::stop)) {
            return process.run(into, progress);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /// Keeps the ceilings that were measured for this device, so that other verbs use them.
    public static void keep(String device, Measured measured) throws IOException {
        List<Measured.Row> rows = measured.rows(Tables.CEILING);
        if (!rows.isEmpty()) {
            new KeptCeilings(device, rows).keep();
        }
    }

    /// Something that writes files of a session beside its database.
    public interface Files {
        void write(Path directory) throws IOException;
    }

    /// Makes a session of it.
    ///
    /// @param measured of each device
    public static void session(Path output, boolean force, List<Measured> measured, Files more) throws IOException {
        try (SessionDirectory directory = SessionDirectory.claim(output, force)) {
            try (TraceStore store = TraceStore.create(directory.growing().database(), BlockSize.SMALL)) {
                HostInfo.read().write(store);
                measured.forEach(m -> m.into(store));
                Views.create(store);
            }
            more.write(directory.growing().directory());
            directory.publish();
        }
    }
}
