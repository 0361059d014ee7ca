package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.host.CpuTimes;
import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.OpenFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What each logical CPU did, into `core_sample`. Shares come from the kernel's ticks, of which a
/// second has 100: an interval of 100 ms is known to a tenth.
///
/// The first sample is the base of the second and writes nothing.
public final class CoreCollector implements Collector {
    private final KernelFiles files;
    private final LongSupplier clock;
    private final @Nullable OpenFile stat;
    private final boolean cpuinfoTellsClock;
    private final Map<Integer, Optional<OpenFile>> frequency = new TreeMap<>();
    private @Nullable CpuTimes before;
    private long beforeTs;

    public CoreCollector() {
        this(KernelFiles.system(), System::nanoTime);
    }

    /// @param clock the trace clock in nanoseconds
    public CoreCollector(KernelFiles files, LongSupplier clock) {
        this.files = files;
        this.clock = clock;
        this.stat = OpenFile.open(files.proc().resolve("stat")).orElse(null);
        this.cpuinfoTellsClock = Cpuinfo.read(files).measuresClock();
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Optional<String> unavailable() {
        return stat == null
                ? Optional.of(files.proc().resolve("stat") + " cannot be read; mount procfs here")
                : Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        if (stat == null) {
            return;
        }
        long ts = clock.getAsLong();
        CpuTimes now = CpuTimes.parse(stat.read().orElse(""));
        if (before != null) {
            write(sink, now, before, ts);
        }
        before = now;
        beforeTs = ts;
    }

    private void write(BatchSink sink, CpuTimes now, CpuTimes then, long ts) {
        Map<Integer, Double> cpuinfoMhz =
                cpuinfoTellsClock ? Cpuinfo.read(files).mhz() : Map.of();
        try (RowWriter rows = new RowWriter(Tables.CORE_SAMPLE, sink)) {
            now.since(then).forEach((core, ticks) -> {
                rows.set("ts", beforeTs).set("dur", ts - beforeTs).set("core", core);
                rows.set("busy_ratio", ticks.share(ticks.busy()));
                rows.set("user_ratio", ticks.share(ticks.user()));
                rows.set("system_ratio", ticks.share(ticks.system()));
                rows.set("steal_ratio", ticks.share(ticks.steal()));
                rows.set("freq_mhz", mhz(core, cpuinfoMhz).orElse(Double.NaN));
                rows.end();
            });
        }
    }

    /// Only what is measured: `cpu MHz` of a machine that cannot measure its clock is the nominal one.
    private OptionalDouble mhz(int core, Map<Integer, Double> cpuinfo) {
        OptionalLong khz = frequency
                .computeIfAbsent(
                        core, c -> OpenFile.open(Cpuinfo.cpufreq(files, c).resolve("scaling_cur_freq")))
                .flatMap(OpenFile::read)
                .map(KernelFiles::parse)
                .orElse(OptionalLong.empty());
        if (khz.isPresent()) {
            return OptionalDouble.of(khz.getAsLong() / 1e3);
        }
        Double mhz = cpuinfo.get(core);
        return mhz == null ? OptionalDouble.empty() : OptionalDouble.of(mhz);
    }

    @Override
    public void finish(BatchSink sink) {
        sample(sink);
    }

    @Override
    public void close() {
        List.copyOf(frequency.values()).forEach(file -> file.ifPresent(OpenFile::close));
        frequency.clear();
        if (stat != null) {
            stat.close();
        }
    }
}
