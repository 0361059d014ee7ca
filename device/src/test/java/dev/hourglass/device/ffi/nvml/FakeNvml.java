package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A library of two GPUs, an H100 with GPM and an A10 without, that answers as `fake_nvml.c` does. What it says can be
/// changed: codes of functions, functions that are not there, momentary values.
public final class FakeNvml implements NvmlCalls {
    private static final int NOT_SUPPORTED = 3;
    private static final Map<Integer, String> MESSAGES = Map.of(
            0, "Success", 2, "Invalid Argument", 3, "Not Supported", 7, "Insufficient Size", 9, "Driver Not Loaded", 13,
            "Function Not Found", 25, "Argument Version Mismatch");

    private final Set<NvmlFunction> missing = EnumSet.of(
            NvmlFunction.THROTTLE_REASONS, NvmlFunction.THROTTLE_REASONS_SUPPORTED);
    private final Map<NvmlFunction, Integer> codes = new EnumMap<>(NvmlFunction.class);
    private final Map<Long, Long> samples = new HashMap<>();
    private final List<NvmlFunction> called = new ArrayList<>();
    private long allocated;
    private long taken;
    private long powerMw = 350_250;
    private boolean gpm = true;
    private List<NvmlDevice.Process> processes = many();

    private static List<NvmlDevice.Process> many() {
        List<NvmlDevice.Process> all = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            all.add(new NvmlDevice.Process(4000 + i, i == 69 ? -1 : 1_000_000L + i));
        }
        return all;
    }

    /// The library as GPUs of a machine.
    public static Nvml.Opening opened(NvmlCalls calls) {
        return Nvml.open(calls, "a fake");
    }

    public FakeNvml without(NvmlFunction... functions) {
        missing.addAll(List.of(functions));
        return this;
    }

    public FakeNvml failing(NvmlFunction function, int code) {
        codes.put(function, code);
        return this;
    }

    public FakeNvml withoutGpm() {
        gpm = false;
        return this;
    }

    public FakeNvml running(NvmlDevice.Process... those) {
        processes = List.of(those);
        return this;
    }

    public void power(long milliwatts) {
        powerMw = milliwatts;
    }

    public List<NvmlFunction> called() {
        return List.copyOf(called);
    }

    /// Samples of GPM that nobody has given back.
    public int samplesLeft() {
        return samples.size();
    }

    @Override
    public String message(int code) {
        return MESSAGES.getOrDefault(code, "Unknown Error");
    }

    @Override
    public synchronized int call(NvmlFunction function, Object... arguments) {
        called.add(function);
        if (missing.contains(function)) {
            return FUNCTION_NOT_FOUND;
        }
        Integer code = codes.get(function);
        return code != null ? code : answer(function, arguments);
    }

    private int answer(NvmlFunction function, Object[] a) {
        return switch (function) {
            case INIT, SHUTDOWN -> SUCCESS;
            case DRIVER_VERSION -> text(a, "580.159.04");
            case NVML_VERSION -> text(a, "13.580.159.04");
            case CUDA_VERSION -> number(a, 0, 13_000);
            case COUNT -> number(a, 0, 2);
            case HANDLE -> handle(a);
            case GPM_ALLOC, GPM_SAMPLE, GPM_FREE, GPM_METRICS -> gpm(function, a);
            default -> device(function, a, ((MemorySegment) a[0]).address() == 1);
        };
    }

    private static int handle(Object[] a) {
        ((MemorySegment) a[1]).set(ADDRESS, 0, MemorySegment.ofAddress((Integer) a[0] == 0 ? 1 : 2));
        return SUCCESS;
    }

    private int device(NvmlFunction function, Object[] a, boolean first) {
        return switch (function) {
            case NAME -> text(a, first ? "NVIDIA H100 80GB HBM3" : "NVIDIA A10");
            case UUID ->
                text(
                        a,
                        first
                                ? "GPU-00000000-aaaa-bbbb-cccc-dddddddddddd"
                                : "GPU-11111111-2222-3333-4444-555555555555");
            case PCI -> {
                ((MemorySegment) a[1]).setString(36, first ? "00000000:18:00.0" : "00000000:3B:00.0");
                yield SUCCESS;
            }
            case COMPUTE_CAPABILITY -> pair(a, first ? 9 : 8, first ? 0 : 6);
            case BUS_WIDTH -> number(a, 1, first ? 5120 : 384);
            case POWER -> number(a, 1, first ? powerMw : 60_000);
            case POWER_LIMIT -> number(a, 1, first ? 500_000 : 150_000);
            case POWER_DEFAULT -> number(a, 1, first ? 700_000 : 150_000);
            case POWER_RANGE -> pair(a, first ? 200_000 : 100_000, first ? 700_000 : 150_000);
            case FIELDS -> field((MemorySegment) a[2], first);
            case CLOCK -> number(a, 2, (Integer) a[1] == 2 ? 2619 : 1755 + (Integer) a[1]);
            case MAX_CLOCK -> number(a, 2, (Integer) a[1] == 2 ? 2619 : 1980);
            case TEMPERATURE -> number(a, 2, 47);
            case TEMPERATURE_THRESHOLD -> number(a, 2, List.of(92, 89, 95, 87).get((Integer) a[1]));
            case UTILISATION -> pairIn((MemorySegment) a[1], 97, 41);
            case LINK_GENERATION -> number(a, 1, first ? 5 : 1);
            case LINK_GENERATION_MAX -> number(a, 1, first ? 5 : 4);
            case LINK_WIDTH, LINK_WIDTH_MAX -> number(a, 1, 16);
            case LINK_THROUGHPUT -> number(a, 2, (Integer) a[1] == 0 ? 1000 : 2000);
            default -> more(function, a, first);
        };
    }

    private int more(NvmlFunction function, Object[] a, boolean first) {
        return switch (function) {
            case MEMORY_V2 -> memory((MemorySegment) a[1]);
            case MEMORY_V1 -> longs((MemorySegment) a[1], 85_520_809_984L, 22_652_754_688L, 62_868_055_296L);
            case CLOCK_REASONS, THROTTLE_REASONS -> longs((MemorySegment) a[1], first ? 0x24 : 1);
            case CLOCK_REASONS_SUPPORTED, THROTTLE_REASONS_SUPPORTED -> longs((MemorySegment) a[1], 0x1ff);
            case ECC -> first ? pair(a, 1, 1) : NOT_SUPPORTED;
            case MIG -> first ? pair(a, 0, 0) : NOT_SUPPORTED;
            case PROCESSES -> processes(a, first ? processes : List.of());
            case GPM_SUPPORT -> {
                MemorySegment support = (MemorySegment) a[1];
                support.set(JAVA_INT, 4, first && gpm ? 1 : 0);
                yield support.get(JAVA_INT, 0) == 1 ? SUCCESS : 25;
            }
            default -> throw new AssertionError(function);
        };
    }

    private static int memory(MemorySegment memory) {
        if (memory.get(JAVA_INT, 0) != 0x0200_0028) {
            return 25;
        }
        return longs(memory.asSlice(8), 85_520_809_984L, 500_000_000L, 22_652_754_688L, 62_368_055_296L);
    }

    private static int field(MemorySegment field, boolean first) {
        int id = field.get(JAVA_INT, 0);
        boolean known = id == 186 || id == 82 && first;
        field.set(JAVA_INT, 24, 1);
        field.set(JAVA_INT, 28, known ? SUCCESS : NOT_SUPPORTED);
        field.set(JAVA_INT, 32, id == 82 ? 58 : first ? 401_500 : 61_000);
        return SUCCESS;
    }

    private static int processes(Object[] a, List<NvmlDevice.Process> those) {
        MemorySegment count = (MemorySegment) a[1];
        int room = count.get(JAVA_INT, 0);
        count.set(JAVA_INT, 0, those.size());
        if (room < those.size()) {
            return INSUFFICIENT_SIZE;
        }
        MemorySegment list = (MemorySegment) a[2];
        for (int i = 0; i < those.size(); i++) {
            list.set(JAVA_INT, 24L * i, (int) those.get(i).pid());
            list.set(JAVA_LONG, 24L * i + 8, those.get(i).bytes());
        }
        return SUCCESS;
    }

    private int gpm(NvmlFunction function, Object[] a) {
        switch (function) {
            case GPM_ALLOC -> {
                samples.put(++allocated, 0L);
                ((MemorySegment) a[0]).set(ADDRESS, 0, MemorySegment.ofAddress(allocated));
            }
            case GPM_FREE -> samples.remove(((MemorySegment) a[0]).address());
            case GPM_SAMPLE -> {
                if (((MemorySegment) a[0]).address() != 1) {
                    return NOT_SUPPORTED;
                }
                samples.put(((MemorySegment) a[1]).address(), ++taken);
            }
            default -> {
                return metrics((MemorySegment) a[0]);
            }
        }
        return SUCCESS;
    }

    private int metrics(MemorySegment request) {
        long first = samples.getOrDefault(request.get(ADDRESS, 8).address(), 0L);
        long second = samples.getOrDefault(request.get(ADDRESS, 16).address(), 0L);
        if (request.get(JAVA_INT, 0) != 1 || first == 0 || second <= first) {
            return 2;
        }
        for (int i = 0; i < request.get(JAVA_INT, 4); i++) {
            int id = request.get(JAVA_INT, 24 + 40L * i);
            request.set(JAVA_INT, 28 + 40L * i, id >= 60 ? NOT_SUPPORTED : SUCCESS);
            request.set(JAVA_DOUBLE, 32 + 40L * i, id + 0.25);
        }
        return SUCCESS;
    }

    private static int text(Object[] a, String text) {
        int room = (Integer) a[a.length - 1];
        if (text.length() >= room) {
            return INSUFFICIENT_SIZE;
        }
        ((MemorySegment) a[a.length - 2]).setString(0, text);
        return SUCCESS;
    }

    private static int number(Object[] a, int at, long value) {
        ((MemorySegment) a[at]).set(JAVA_INT, 0, (int) value);
        return SUCCESS;
    }

    private static int pair(Object[] a, int first, int second) {
        ((MemorySegment) a[1]).set(JAVA_INT, 0, first);
        ((MemorySegment) a[2]).set(JAVA_INT, 0, second);
        return SUCCESS;
    }

    private static int pairIn(MemorySegment both, int first, int second) {
        both.set(JAVA_INT, 0, first);
        both.set(JAVA_INT, 4, second);
        return SUCCESS;
    }

    private static int longs(MemorySegment to, long... values) {
        for (int i = 0; i < values.length; i++) {
            to.set(JAVA_LONG, 8L * i, values[i]);
        }
        return SUCCESS;
    }
}
