package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The library, opened and initialised, until it is closed. For one thread at a time but for calls on different
/// devices, which the library itself allows.
public final class Nvml implements AutoCloseable {
    /// Names a library that lies elsewhere.
    public static final String VARIABLE = "HOURGLASS_NVML";

    /// The same as a property of this process.
    private static final String PROPERTY = "hourglass.nvml";

    private static final int TEXT_BYTES = 96;

    /// What can be done about a code of `nvmlInit_v2`.
    private static final Map<Integer, String> REMEDIES = Map.of(
            4, "give this user access to /dev/nvidia* and /dev/nvidiactl (group video, or `--gpus` for a container)",
            9, "load the kernel module: modprobe nvidia; in a container start it with `--gpus all`",
            12, "start the container with NVIDIA_DRIVER_CAPABILITIES=utility,compute",
            17, "allow the control group of this process the devices /dev/nvidia*",
            18, "reboot, or reload the kernel module: library and module are of different drivers",
            28, "give the container or the virtual machine a GPU");

    private final NvmlCalls calls;
    private final String place;

    private Nvml(NvmlCalls calls, String place) {
        this.calls = calls;
        this.place = place;
    }

    /// Outcome of opening it.
    public sealed interface Opening {}

    /// @param nvml to be closed by the caller
    public record Opened(Nvml nvml) implements Opening {}

    /// @param reason why not, in a line
    /// @param remedy how to get it
    public record Absent(String reason, String remedy) implements Opening {}

    /// Opens the library where it usually lies, or where the environment variable [#VARIABLE] says.
    public static Opening open() {
        String named = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
        return switch (NvmlLibrary.open(named)) {
            case NvmlLibrary.Opened(NvmlCalls calls, String place) -> open(calls, place);
            case NvmlLibrary.Absent(String reason) ->
                new Absent(
                        reason,
                        "install NVIDIA's driver; where libnvidia-ml.so.1 lies in an unusual place, name it in "
                                + VARIABLE);
        };
    }

    /// Initialises a library that is open.
    ///
    /// @param place where it lies, for messages
    public static Opening open(NvmlCalls calls, String place) {
        int code = calls.call(NvmlFunction.INIT);
        if (code == NvmlCalls.FUNCTION_NOT_FOUND) {
            return new Absent(place + " exports no nvmlInit_v2: a driver older than 2012", "install a newer driver");
        }
        return code == NvmlCalls.SUCCESS
                ? new Opened(new Nvml(calls, place))
                : new Absent(
                        "nvmlInit_v2: " + calls.message(code) + " (" + code + ")",
                        REMEDIES.getOrDefault(code, "see what nvidia-smi says"));
    }

    /// Name or path of the library.
    public String place() {
        return place;
    }

    /// Version of the driver, for example `580.159.04`.
    public Reading<String> driver() {
        return text(NvmlFunction.DRIVER_VERSION);
    }

    /// Version of the library.
    public Reading<String> version() {
        return text(NvmlFunction.NVML_VERSION);
    }

    /// Version of CUDA that the driver speaks, for example `13.0`.
    public Reading<String> cuda() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            return reading(calls, NvmlFunction.CUDA_VERSION, calls.call(NvmlFunction.CUDA_VERSION, number), () -> {
                int version = number.get(JAVA_INT, 0);
                return version / 1000 + "." + version % 1000 / 10;
            });
        }
    }

    /// All GPUs that this process may see, in the library's order, which is that of the PCI bus and not always that of
    /// CUDA.
    public Reading<List<NvmlDevice>> devices() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            int code = calls.call(NvmlFunction.COUNT, count);
            if (code != NvmlCalls.SUCCESS) {
                return none(calls, NvmlFunction.COUNT, code);
            }
            List<NvmlDevice> devices = new ArrayList<>();
            for (int index = 0; index < count.get(JAVA_INT, 0); index++) {
                device(arena, index).ifPresent(devices::add);
            }
            return new Reading.Value<>(List.copyOf(devices));
        }
    }

    /// One that fell off the bus, or that this user may not see, is left out.
    private Optional<NvmlDevice> device(Arena arena, int index) {
        MemorySegment handle = arena.allocate(ADDRESS);
        return calls.call(NvmlFunction.HANDLE, index, handle) == NvmlCalls.SUCCESS
                ? Optional.of(new NvmlDevice(calls, handle.get(ADDRESS, 0), index))
                : Optional.empty();
    }

    private Reading<String> text(NvmlFunction function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            return reading(calls, function, calls.call(function, text, TEXT_BYTES), () -> text.getString(0));
        }
    }

    static <T> Reading<T> none(NvmlCalls calls, NvmlFunction function, int code) {
        return new Reading.None<>(function.symbol(), code, calls.message(code));
    }

    static <T> Reading<T> reading(
            NvmlCalls calls, NvmlFunction function, int code, Supplier<T> value) {
        return code == NvmlCalls.SUCCESS ? new Reading.Value<>(value.get()) : none(calls, function, code);
    }

    @Override
    public void close() {
        int ignored = calls.call(NvmlFunction.SHUTDOWN);
    }
}
