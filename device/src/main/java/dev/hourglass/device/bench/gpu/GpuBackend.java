package dev.hourglass.device.bench.gpu;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cublaslt.CublasLt;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.cudnn.Cudnn;
import dev.hourglass.device.ffi.nvrtc.Compiler;
import dev.hourglass.device.gpu.Gpu;
import dev.hourglass.device.gpu.GpuLibraries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The ceilings and operators of one GPU. All calls come from the thread that opened it.
public final class GpuBackend implements Backend {
    private static final long CEILING_SIDE = 8192;
    private static final List<String> CEILING_FORMATS = List.of("bf16", "fp16", "fp8", "int8", "tf32", "fp32");
    private static final List<Long> COPY_SIZES = List.of(1L << 13, 1L << 16, 1L << 20, 1L << 24);

    private final Gpu gpu;
    private final Lab lab;
    private final Optional<CublasLt> products;
    private final Optional<Cudnn> networks;
    private final Map<String, Operator> operators = new LinkedHashMap<>();
    private final Map<String, String> missing = new HashMap<>();

    private GpuBackend(Gpu gpu, Compiler compiler, GpuLibraries libraries) {
        this.gpu = gpu;
        this.lab = new Lab(gpu, compiler);
        this.products = switch (libraries.products()) {
            case CublasLt.Outcome.Ready ready -> Optional.of(ready.loaded().open());
            case CublasLt.Outcome.Absent none -> {
                missing.put("gemm", none.reason());
                yield Optional.empty();
            }
        };
        this.networks = switch (libraries.networks()) {
            case Cudnn.Outcome.Ready ready -> Optional.of(ready.loaded().open());
            case Cudnn.Outcome.Absent none -> {
                missing.put("attention_prefill", none.reason());
                missing.put("conv2d", none.reason());
                yield Optional.empty();
            }
        };
        products.ifPresent(found -> offer(new Products(found)));
        networks.ifPresent(this::offer);
        RowOperators.all().forEach(this::offer);
        TokenOperators.all().forEach(this::offer);
        offer(DecodeAttention.operator());
        Copies.all().forEach(this::offer);
    }

    private void offer(Cudnn library) {
        offer(new Convolution(library));
        if (library.hasAttention()) {
            offer(new PrefillAttention(library));
        } else {
            missing.put("attention_prefill", library.version() + " has no attention in one operation; 9.13 has");
        }
    }

    private void offer(Operator operator) {
        operators.put(operator.offer().op(), operator);
    }

    /// A GPU that can be measured, or why it cannot.
    public sealed interface Outcome {
        /// It is open.
        record Ready(GpuBackend backend) implements Outcome {}

        /// It is not.
        ///
        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// How many devices the driver sees; 0 where there is no driver.
    public static int devices(GpuLibraries libraries) {
        return libraries.driver() instanceof CudaDriver.Outcome.Ready ready
                ? ready.driver().devices()
                : 0;
    }

    /// @param index of the device, as the driver counts
    public static Outcome open(GpuLibraries libraries, int index) {
        if (!(libraries.driver() instanceof CudaDriver.Outcome.Ready driver)) {
            return new Outcome.Absent(((CudaDriver.Outcome.Absent) libraries.driver()).reason());
        }
        if (!(libraries.compiler() instanceof Compiler.Outcome.Ready compiler)) {
            return new Outcome.Absent(((Compiler.Outcome.Absent) libraries.compiler()).reason());
        }
        int devices = driver.driver().devices();
        if (index >= devices) {
            return new Outcome.Absent("there is no GPU " + index + ": the driver sees " + devices);
        }
        return new Outcome.Ready(new GpuBackend(Gpu.open(driver.driver(), index), compiler.compiler(), libraries));
    }

    @Override
    public String device() {
        return gpu.label();
    }

    /// For example `NVIDIA H200`.
    public String name() {
        return gpu.name();
    }

    /// Facts beside the numbers, by name: what decides whether a ceiling still holds.
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("gpu", gpu.name());
        facts.put("bus_id", gpu.busId());
        facts.put("compute_capability", gpu.capability() / 10 + "." + gpu.capability() % 10);
        facts.put("multiprocessors", Integer.toString(gpu.multiprocessors()));
        facts.put("highest_clock_mhz", Long.toString(Math.round(gpu.highestClockMhz())));
        facts.put("memory_bytes", Long.toString(gpu.memoryBytes()));
        facts.put("theoretical_bandwidth_bytes_per_second", Long.toString(Math.round(gpu.theoreticalBandwidth())));
        facts.put("cuda_driver_api", Integer.toString(gpu.driver().version()));
        facts.put("nvrtc", lab.compilerVersion());
        networks.ifPresent(found -> facts.put("cudnn", found.version()));
        facts.put("cublaslt", products.map(CublasLt::version).orElseGet(() -> missing.get("gemm")));
        return facts;
    }

    @Override
    public List<Offer> offers() {
        return operators.values().stream().map(Operator::offer).toList();
    }

    @Override
    public Map<String, String> notMeasured() {
        return Map.copyOf(missing);
    }

    /// Of products the data sheet's, of memory the width of its bus times its clock.
    @Override
    public Map<String, Peak> peaks() {
        Map<String, Peak> peaks = new LinkedHashMap<>();
        DeviceTable.recognise(gpu.name())
                .ifPresent(sheet -> CEILING_FORMATS.forEach(format -> {
                    DeviceSpec.Peak peak = sheet.peak(format);
                    if (peak.format().equals(DeviceSpec.canonical(format))) {
                        peaks.put("gemm_" + format, new Peak(peak.perSecond(), "data sheet of " + sheet.title()));
                    }
                }));
        Peak memory =
                new Peak(gpu.theoreticalBandwidth(), "width of the memory's bus times its clock, from the driver");
        for (String stream : List.of("read", "write", "copy", "triad", "copy_driver")) {
            peaks.put("dram_" + stream, memory);
        }
        return peaks;
    }

    @Override
    public Map<String, Long> levels() {
        return Map.of("l2", gpu.l2Bytes());
    }

    @Override
    public String validFor() {
        Map<String, String> facts = facts();
        return Stream.of("gpu", "cuda_driver_api", "nvrtc", "cublaslt", "highest_clock_mhz")
                .map(fact -> fact + " " + facts.get(fact))
                .collect(Collectors.joining(", "));
    }

    @Override
    public List<Timed> ceilings(boolean quick) {
        List<Timed> all = new ArrayList<>(new Streams(lab).all());
        if (products.isPresent()) {
            for (String format : CEILING_FORMATS) {
                gemm(format).ifPresent(all::add);
            }
        }
        for (Operator copy : Copies.all()) {
            all.add(copy.prepare(lab, new Axes(copy.offer().axes()), "bytes", Work.Cache.HOT));
            if (!quick) {
                COPY_SIZES.forEach(
                        size -> all.add(copy.prepare(lab, new Axes(Map.of("bytes", size)), "bytes", Work.Cache.HOT)));
            }
        }
        all.addAll(new Latencies(lab).all());
        return all;
    }

    /// A product large enough for the device; empty where the device has no such format, which is remembered.
    private Optional<Timed> gemm(String format) {
        try {
            return Optional.of(prepare(
                    "gemm",
                    Axes.of("M", CEILING_SIDE, "N", CEILING_SIDE, "K", CEILING_SIDE, "B", 1),
                    format,
                    Work.Cache.HOT));
        } catch (ImpossibleShapeException e) {
            missing.put("gemm_" + format, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Timed prepare(String op, Map<String, Long> axes, String dtype, Work.Cache cache) {
        Operator operator = operators.get(op);
        if (operator == null) {
            throw new ImpossibleShapeException(missing.getOrDefault(op, "a GPU has no operator " + op + " here"));
        }
        Map<String, Long> sizes = new LinkedHashMap<>(operator.offer().axes());
        sizes.putAll(axes);
        return operator.prepare(lab, new Axes(sizes), dtype, cache);
    }

    @Override
    public void close() {
        lab.close();
        products.ifPresent(CublasLt::close);
        networks.ifPresent(Cudnn::close);
        gpu.close();
    }
}
