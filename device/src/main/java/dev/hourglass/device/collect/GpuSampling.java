package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.nvml.ClockReason;
import dev.hourglass.device.ffi.nvml.Nvml;
import dev.hourglass.device.ffi.nvml.NvmlDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The GPUs of this machine, ready to be sampled: NVML at a little more than 10 Hz, GPM at a little less, as it wants
/// its samples more than 100 ms apart. Where there is no GPU it holds the reason, and samples nothing.
public final class GpuSampling implements AutoCloseable {
    /// Of NVML, unless told otherwise.
    public static final Duration PACE = Duration.ofMillis(90);

    private static final String REMEDY =
            "give this process a GPU: `--gpus all` for a container, nvidia.com/gpu for a pod, /dev/nvidia* for a user";

    private static final Duration GPM_GAP = Duration.ofMillis(102);
    private static final Duration LINK_PACE = Duration.ofSeconds(1);

    private final Optional<Nvml> nvml;
    private final Nvml.Absent absent;
    private final List<GpuUnderWatch> gpus;
    private final Wishes wishes;
    private final Supplier<Set<Long>> command;

    /// What is wanted.
    ///
    /// @param only the driver's numbers of the GPUs that are sampled; empty for all
    /// @param visible `CUDA_VISIBLE_DEVICES` of the command, by which GPUs are labelled; empty where it is not set
    /// @param pace of NVML
    public record Wishes(Set<Integer> only, Optional<String> visible, Duration pace) {
        public Wishes {
            only = Set.copyOf(only);
        }

        /// All GPUs, labelled as this process's environment says.
        public static Wishes usual() {
            return new Wishes(Set.of(), Optional.ofNullable(System.getenv(GpuLabels.VARIABLE)), PACE);
        }
    }

    private GpuSampling(
            Optional<Nvml> nvml,
            Nvml.Absent absent,
            List<GpuUnderWatch> gpus,
            Wishes wishes,
            Supplier<Set<Long>> command) {
        this.nvml = nvml;
        this.absent = absent;
        this.gpus = gpus;
        this.wishes = wishes;
        this.command = command;
    }

    /// @param command the processes that are recorded, asked at each sample; none where none in particular is
    public static GpuSampling open(Wishes wishes, Supplier<Set<Long>> command) {
        return of(Nvml.open(), wishes, command);
    }

    static GpuSampling of(Nvml.Opening opening, Wishes wishes, Supplier<Set<Long>> command) {
        return switch (opening) {
            case Nvml.Absent absent -> new GpuSampling(Optional.empty(), absent, List.of(), wishes, command);
            case Nvml.Opened(Nvml nvml) -> {
                List<GpuUnderWatch> gpus = watched(nvml.devices().found().orElse(List.of()), wishes);
                String none = nvml.devices().why().orElse("the driver shows no GPU to this process");
                yield new GpuSampling(Optional.of(nvml), new Nvml.Absent(none, REMEDY), gpus, wishes, command);
            }
        };
    }

    private static List<GpuUnderWatch> watched(List<NvmlDevice> devices, Wishes wishes) {
        Map<Integer, String> labels =
                GpuLabels.of(devices.stream().map(GpuLabels.Gpu::of).toList(), wishes.visible);
        return devices.stream()
                .filter(device -> wishes.only.isEmpty() || wishes.only.contains(device.index()))
                .map(device -> new GpuUnderWatch(
                        device, labels.getOrDefault(device.index(), "other:" + device.index())))
                .toList();
    }

    /// The driver's numbers of all GPUs that this process sees, whichever of them are wanted.
    public List<Integer> numbers() {
        return nvml.flatMap(opened -> opened.devices().found()).orElse(List.of()).stream()
                .map(NvmlDevice::index)
                .toList();
    }

    /// Why there is nothing to sample; empty where there is.
    public Optional<String> unavailable() {
        return gpus.isEmpty() ? Optional.of(absent.reason()) : Optional.empty();
    }

    /// What can be done about it; empty where nothing need be.
    public Optional<String> remedy() {
        return gpus.isEmpty() ? Optional.of(absent.remedy()) : Optional.empty();
    }

    /// What there is, in a line: driver and GPUs.
    public String summary() {
        Map<String, String> facts = facts();
        return "driver " + facts.getOrDefault("gpu.driver", "unknown") + ": "
                + gpus.stream()
                        .map(gpu -> gpu.label() + " " + facts.getOrDefault(gpu.fact() + ".name", ""))
                        .collect(Collectors.joining(", "));
    }

    /// What is sampled on every GPU that has it and some GPU here does not tell, each with the driver's words.
    public List<String> refused() {
        return gpus.stream()
                .flatMap(gpu -> Stream.of(
                                gpu.device().power().why(),
                                gpu.device().clock(NvmlDevice.Clock.SM).why(),
                                gpu.device().utilisation().why(),
                                gpu.device().memory().why(),
                                gpu.device().clockReasons().why(),
                                gpu.device().temperature().why(),
                                gpu.device().processes().why())
                        .flatMap(Optional::stream)
                        .map(why -> gpu.label() + " " + why))
                .toList();
    }

    /// What is sampled, as it is called in `hw_sample`.
    public List<String> labels() {
        return gpus.stream().map(GpuUnderWatch::label).toList();
    }

    /// Why GPM is not sampled, by label; only of GPUs that have none.
    public Map<String, String> withoutGpm() {
        Map<String, String> reasons = new TreeMap<>();
        gpus.forEach(gpu -> GpmCollector.missing(gpu).ifPresent(why -> reasons.put(gpu.label(), why)));
        return reasons;
    }

    /// The collectors; nothing where there is no GPU. They are closed by whoever samples them.
    public List<Paced> collectors() {
        return collectors(System::nanoTime);
    }

    /// @param clock the trace clock in nanoseconds
    List<Paced> collectors(LongSupplier clock) {
        if (gpus.isEmpty()) {
            return List.of();
        }
        List<Paced> all = new ArrayList<>();
        all.add(new Paced("nvml", wishes.pace, false, List.of(new NvmlCollector(gpus, command, clock))));
        if (gpus.stream().anyMatch(GpmCollector::has)) {
            all.add(new Paced("gpm", GPM_GAP, true, List.of(new GpmCollector(gpus, clock))));
        }
        List<GpuUnderWatch> plain =
                gpus.stream().filter(gpu -> !GpmCollector.has(gpu)).toList();
        if (!plain.isEmpty()) {
            all.add(new Paced("pcie", LINK_PACE, true, List.of(new GpuLinkCollector(plain, clock))));
        }
        return List.copyOf(all);
    }

    /// What the GPUs are and which limits hold for them; why nothing is known of any where that is so.
    public Map<String, String> facts() {
        return nvml.filter(_ -> !gpus.isEmpty())
                .map(opened -> GpuFacts.of(opened, gpus))
                .orElseGet(() -> Map.of("gpu.nvml", GpuFacts.notMeasured(absent.reason())));
    }

    /// A value of the metric `throttle` in words; `none` where nothing holds the clock back.
    public static String clockReasons(long bits) {
        return ClockReason.words(bits);
    }

    /// Writes the facts into `metadata`.
    public void write(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            facts().forEach((name, value) ->
                    rows.set("name", name).set("value", value).end());
        }
    }

    /// Ends the use of the library. The collectors must be closed before.
    @Override
    public void close() {
        nvml.ifPresent(Nvml::close);
    }
}
