package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// One GPU. What it cannot tell is a reading with the reason.
public final class NvmlDevice {
    private static final int TEXT_BYTES = 96;
    private static final int PROCESSES = 64;
    private static final int MOST_PROCESSES = 4096;
    /// What the library says of memory that it cannot tell.
    private static final long NOT_AVAILABLE = -1;

    private final NvmlCalls calls;
    private final MemorySegment handle;
    private final int index;

    NvmlDevice(NvmlCalls calls, MemorySegment handle, int index) {
        this.calls = calls;
        this.handle = handle;
        this.index = index;
    }

    /// A clock of the chip.
    public enum Clock {
        GRAPHICS(0),
        SM(1),
        MEMORY(2);

        private final int number;

        Clock(int number) {
            this.number = number;
        }
    }

    /// A temperature, in °C, from which the chip does something.
    public enum Threshold {
        SHUTDOWN(0),
        SLOWDOWN(1),
        MEMORY_MAX(2),
        GPU_MAX(3);

        private final int number;

        Threshold(int number) {
            this.number = number;
        }
    }

    /// Values that are asked for by number.
    public enum Field {
        /// °C
        MEMORY_TEMPERATURE(82),
        /// mW, over a second
        POWER_AVERAGE(185),
        /// mW
        POWER_INSTANT(186);

        private final int id;

        Field(int id) {
            this.id = id;
        }
    }

    /// Shares of the driver's last sampling period in percent: time in which a kernel ran, and in which memory was
    /// read
    /// or written.
    public record Utilisation(long gpu, long memory) {}

    /// Bytes; `reserved` is the driver's and firmware's own, -1 where the library does not tell it.
    public record Memory(long total, long used, long free, long reserved) {}

    /// @param bytes of device memory; -1 where the library cannot tell
    public record User(long pid, long bytes) {}

    /// Two numbers of one call.
    public record Pair(long first, long second) {}

    /// Its number among those that this process sees, as `nvidia-smi` shows it.
    public int index() {
        return index;
    }

    MemorySegment handle() {
        return handle;
    }

    NvmlCalls calls() {
        return calls;
    }

    public Reading<String> name() {
        return text(NvmlFunction.NAME);
    }

    /// `GPU-…`, as in `CUDA_VISIBLE_DEVICES`.
    public Reading<String> uuid() {
        return text(NvmlFunction.UUID);
    }

    /// Place on the PCI bus, for example `00000000:18:00.0`.
    public Reading<String> bus() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pci = arena.allocate(NvmlLayouts.PCI);
            return answer(
                    NvmlFunction.PCI,
                    calls.call(NvmlFunction.PCI, handle, pci),
                    () -> pci.getString(NvmlLayouts.offset(NvmlLayouts.PCI, "busId")));
        }
    }

    /// For example 9 and 0.
    public Reading<Pair> computeCapability() {
        return pair(NvmlFunction.COMPUTE_CAPABILITY);
    }

    /// Width of the memory bus in bits.
    public Reading<Long> busWidth() {
        return number(NvmlFunction.BUS_WIDTH);
    }

    /// Power draw in mW; from Ampere on (but for the A100) over a second.
    public Reading<Long> power() {
        return number(NvmlFunction.POWER);
    }

    /// Limit that holds now in mW, the lowest of all that are set.
    public Reading<Long> powerLimit() {
        return number(NvmlFunction.POWER_LIMIT);
    }

    /// Limit after a start in mW.
    public Reading<Long> defaultPowerLimit() {
        return number(NvmlFunction.POWER_DEFAULT);
    }

    /// Lowest and highest limit that can be set in mW.
    public Reading<Pair> powerLimits() {
        return pair(NvmlFunction.POWER_RANGE);
    }

    /// MHz.
    public Reading<Long> clock(Clock clock) {
        return number(NvmlFunction.CLOCK, clock.number);
    }

    /// MHz.
    public Reading<Long> maxClock(Clock clock) {
        return number(NvmlFunction.MAX_CLOCK, clock.number);
    }

    /// Of the chip in °C.
    public Reading<Long> temperature() {
        return number(NvmlFunction.TEMPERATURE, 0);
    }

    /// °C.
    public Reading<Long> threshold(Threshold threshold) {
        return number(NvmlFunction.TEMPERATURE_THRESHOLD, threshold.number);
    }

    public Reading<Utilisation> utilisation() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(NvmlLayouts.UTILISATION);
            return answer(
                    NvmlFunction.UTILISATION,
                    calls.call(NvmlFunction.UTILISATION, handle, both),
                    () -> new Utilisation(unsigned(both, 0), unsigned(both, 4)));
        }
    }

    /// By the newer call, which tells what is reserved; by the older one, which counts that as used, where there is no
    /// other.
    public Reading<Memory> memory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment now = arena.allocate(NvmlLayouts.MEMORY_V2);
            now.set(JAVA_INT, 0, NvmlLayouts.version(NvmlLayouts.MEMORY_V2, 2));
            int code = calls.call(NvmlFunction.MEMORY_V2, handle, now);
            if (code == NvmlCalls.SUCCESS) {
                return new Reading.Value<>(new Memory(
                        now.get(JAVA_LONG, 8), now.get(JAVA_LONG, 32), now.get(JAVA_LONG, 24), now.get(JAVA_LONG, 16)));
            }
            MemorySegment old = arena.allocate(NvmlLayouts.MEMORY_V1);
            return answer(
                    NvmlFunction.MEMORY_V1,
                    calls.call(NvmlFunction.MEMORY_V1, handle, old),
                    () -> new Memory(old.get(JAVA_LONG, 0), old.get(JAVA_LONG, 16), old.get(JAVA_LONG, 8), -1));
        }
    }

    /// Generation of the PCIe link now; it falls when the GPU idles.
    public Reading<Long> linkGeneration() {
        return number(NvmlFunction.LINK_GENERATION);
    }

    /// Highest generation that GPU and slot allow.
    public Reading<Long> linkGenerationMax() {
        return number(NvmlFunction.LINK_GENERATION_MAX);
    }

    /// Lanes of the PCIe link now.
    public Reading<Long> linkWidth() {
        return number(NvmlFunction.LINK_WIDTH);
    }

    public Reading<Long> linkWidthMax() {
        return number(NvmlFunction.LINK_WIDTH_MAX);
    }

    /// What left the GPU over PCIe, in KB/s over 20 ms, for which the call blocks.
    public Reading<Long> linkSent() {
        return number(NvmlFunction.LINK_THROUGHPUT, 0);
    }

    /// What reached the GPU over PCIe, in KB/s over 20 ms, for which the call blocks.
    public Reading<Long> linkReceived() {
        return number(NvmlFunction.LINK_THROUGHPUT, 1);
    }

    /// Why its clock is held back now, see [ClockReason].
    public Reading<Long> clockReasons() {
        return newer(NvmlFunction.CLOCK_REASONS, NvmlFunction.THROTTLE_REASONS);
    }

    /// Reasons that it could give.
    public Reading<Long> clockReasonsSupported() {
        return newer(NvmlFunction.CLOCK_REASONS_SUPPORTED, NvmlFunction.THROTTLE_REASONS_SUPPORTED);
    }

    /// Whether memory is checked for errors.
    public Reading<Boolean> ecc() {
        return pair(NvmlFunction.ECC).map(modes -> modes.first() != 0);
    }

    /// Whether it is cut into instances.
    public Reading<Boolean> mig() {
        return pair(NvmlFunction.MIG).map(modes -> modes.first() != 0);
    }

    /// A value by number.
    public Reading<Long> field(Field field) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(NvmlLayouts.FIELD);
            one.set(JAVA_INT, 0, field.id);
            int code = calls.call(NvmlFunction.FIELDS, handle, 1, one);
            return code == NvmlCalls.SUCCESS
                    ? answer(NvmlFunction.FIELDS, one.get(JAVA_INT, 28), () -> fieldValue(one))
                    : Nvml.none(calls, NvmlFunction.FIELDS, code);
        }
    }

    /// `nvmlValueType_t`: 0 double, 1 unsigned int, 2 unsigned long, 3 unsigned long long, 4 signed long long, 5 int.
    private static long fieldValue(MemorySegment field) {
        return switch (field.get(JAVA_INT, 24)) {
            case 0 -> (long) Double.longBitsToDouble(field.get(JAVA_LONG, 32));
            case 1 -> unsigned(field, 32);
            case 5 -> field.get(JAVA_INT, 32);
            default -> field.get(JAVA_LONG, 32);
        };
    }

    /// Processes that compute on it, by their numbers on the host.
    public Reading<List<User>> processes() {
        Reading<List<User>> few = processes(PROCESSES);
        return few instanceof Reading.None<List<User>> none && none.code() == NvmlCalls.INSUFFICIENT_SIZE
                ? processes(MOST_PROCESSES)
                : few;
    }

    private Reading<List<User>> processes(int room) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            count.set(JAVA_INT, 0, room);
            MemorySegment list = arena.allocate(NvmlLayouts.PROCESS, room);
            return answer(NvmlFunction.PROCESSES, calls.call(NvmlFunction.PROCESSES, handle, count, list), () -> {
                List<User> found = new ArrayList<>();
                for (int i = 0; i < Math.min(room, count.get(JAVA_INT, 0)); i++) {
                    long at = i * NvmlLayouts.PROCESS.byteSize();
                    long bytes = list.get(JAVA_LONG, at + 8);
                    found.add(new User(unsigned(list, at), bytes == NOT_AVAILABLE ? -1 : bytes));
                }
                return List.copyOf(found);
            });
        }
    }

    /// Whether it has GPM.
    public Reading<Boolean> gpm() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment support = arena.allocate(NvmlLayouts.GPM_SUPPORT);
            support.set(JAVA_INT, 0, NvmlLayouts.GPM_VERSION);
            return answer(
                    NvmlFunction.GPM_SUPPORT,
                    calls.call(NvmlFunction.GPM_SUPPORT, handle, support),
                    () -> support.get(JAVA_INT, 4) != 0);
        }
    }

    private Reading<Long> newer(NvmlFunction now, NvmlFunction before) {
        Reading<Long> answer = mask(now);
        return answer instanceof Reading.None<Long> none && none.code() == NvmlCalls.FUNCTION_NOT_FOUND
                ? mask(before)
                : answer;
    }

    private Reading<Long> mask(NvmlFunction function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(JAVA_LONG);
            return answer(function, calls.call(function, handle, mask), () -> mask.get(JAVA_LONG, 0));
        }
    }

    private Reading<Long> number(NvmlFunction function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            return answer(function, calls.call(function, handle, number), () -> unsigned(number, 0));
        }
    }

    private Reading<Long> number(NvmlFunction function, int which) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            return answer(function, calls.call(function, handle, which, number), () -> unsigned(number, 0));
        }
    }

    private Reading<Pair> pair(NvmlFunction function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(JAVA_INT);
            MemorySegment second = arena.allocate(JAVA_INT);
            return answer(
                    function,
                    calls.call(function, handle, first, second),
                    () -> new Pair(unsigned(first, 0), unsigned(second, 0)));
        }
    }

    private Reading<String> text(NvmlFunction function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            return answer(function, calls.call(function, handle, text, TEXT_BYTES), () -> text.getString(0));
        }
    }

    private <T> Reading<T> answer(NvmlFunction function, int code, Supplier<T> value) {
        return Nvml.reading(calls, function, code, value);
    }

    private static long unsigned(MemorySegment memory, long at) {
        return Integer.toUnsignedLong(memory.get(JAVA_INT, at));
    }
}
