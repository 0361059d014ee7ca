package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Backend.Peak;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.code.InjectedCode;
import dev.hourglass.device.ffi.posix.Posix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The ceilings of a processor, ready to be timed, and why others are not.
final class CpuCeilings {
    private static final long MIB = 1 << 20;
    private static final long KIB = 1 << 10;
    private static final long MIN_TOTAL = 256 * MIB;
    private static final long MAX_TOTAL = 4096 * MIB;
    /// Of all caches, so that what is read has left them.
    private static final int BEYOND_CACHES = 4;

    private static final long WINDOW = 8 * MIB;
    /// Bytes that a thread moves in one sample of a cache.
    private static final long IN_CACHE = 64 * MIB;

    private static final double SINGLE = 1e-5;
    private static final double DOUBLE = 1e-12;
    private static final double BFLOAT = 1e-2;
    private static final int[] DEPTHS = {1, 2, 4, 8, 16, 32, 64};
    private static final double MEGA = 1e6;
    private static final double GIGA = 1e9;

    private final Processor processor;
    private final Function<Integer, Team> teams;
    private final Arena arena;
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final Map<String, Double> perCycle = new LinkedHashMap<>();
    private final List<InjectedCode> codes;
    private @Nullable Streams streams;

    /// @param teams of so many threads
    /// @param codes takes what is to be freed
    CpuCeilings(Processor processor, Function<Integer, Team> teams, Arena arena, List<InjectedCode> codes) {
        this.processor = processor;
        this.teams = teams;
        this.arena = arena;
        this.codes = codes;
    }

    List<Timed> all(boolean quick) {
        List<Timed> all = new ArrayList<>();
        for (int threads : threads(quick)) {
            arithmetic(threads, all);
        }
        memory(quick, all);
        return all;
    }

    Map<String, String> missing() {
        return missing;
    }

    /// At most, by width and clock: two vector operations a cycle, one tile in sixteen cycles, two vectors loaded.
    ///
    /// @param mhz the highest clock that was seen
    Map<String, Peak> peaks(OptionalDouble mhz) {
        Map<String, Peak> peaks = new LinkedHashMap<>();
        if (mhz.isPresent()) {
            String source = String.format(
                    java.util.Locale.ROOT,
                    "by width: %d threads at an estimated %.2f GHz, ",
                    processor.threads(),
                    mhz.getAsDouble() * MEGA / GIGA);
            perCycle.forEach((name, each) -> peaks.put(
                    name,
                    new Peak(
                            each * processor.threads() * mhz.getAsDouble() * MEGA,
                            source + each.longValue() + (name.contains("read") ? " bytes" : " operations")
                                    + " a cycle at most")));
        }
        return peaks;
    }

    /// One, twice as many, …, all.
    private List<Integer> threads(boolean quick) {
        int most = processor.threads();
        return LongStream.iterate(1, t -> t < most, t -> quick ? most : 2 * t)
                .mapToObj(t -> (int) t)
                .collect(java.util.stream.Collectors.collectingAndThen(java.util.stream.Collectors.toList(), some -> {
                    List<Integer> withAll = new ArrayList<>(some);
                    withAll.add(most);
                    return withAll;
                }));
    }

    private void arithmetic(int threads, List<Timed> all) {
        int vector = processor.vectorBytes();
        if (vector == 0) {
            none("dot_int8", "no program for this processor's architecture is written");
            none("dot_bf16", "no program for this processor's architecture is written");
            all.add(timed("fma", "fp32", SINGLE, threads, "java", () -> new JavaMultiplyAdd(false)));
            all.add(timed("fma", "fp64", DOUBLE, threads, "java", () -> new JavaMultiplyAdd(true)));
            return;
        }
        multiplyAdd(vector, false, threads, all);
        multiplyAdd(vector, true, threads, all);
        if (processor.dotsBytes()) {
            load("dot_int8", Programs.dot(vector, Assembler.DOT_BYTES)).ifPresent(code -> {
                perCycle.put("dot_int8", 4.0 * vector);
                all.add(timed("dot", "int8", 0, threads, "code", () -> new Arithmetic.Dot(code, vector, true, arena)));
            });
        } else {
            none("dot_int8", "the processor has no VNNI instructions");
        }
        if (processor.dotsBfloats()) {
            load("dot_bf16", Programs.dot(vector, Assembler.DOT_BFLOATS)).ifPresent(code -> {
                perCycle.put("dot_bf16", 2.0 * vector);
                all.add(timed(
                        "dot", "bf16", BFLOAT, threads, "code", () -> new Arithmetic.Dot(code, vector, false, arena)));
            });
        } else {
            none("dot_bf16", "the processor has no AVX512_BF16 instructions");
        }
        tiles(true, threads, all);
        tiles(false, threads, all);
    }

    private void multiplyAdd(int vector, boolean doubles, int threads, List<Timed> all) {
        String dtype = doubles ? "fp64" : "fp32";
        double allowed = doubles ? DOUBLE : SINGLE;
        Optional<InjectedCode> code = load("", Programs.multiplyAdd(vector, doubles));
        perCycle.put("fma_" + dtype, 4.0 * vector / (doubles ? Double.BYTES : Float.BYTES));
        if (code.isPresent()) {
            InjectedCode loop = code.orElseThrow();
            all.add(timed(
                    "fma",
                    dtype,
                    allowed,
                    threads,
                    "code",
                    () -> new Arithmetic.MultiplyAdd(loop, vector, doubles, arena)));
        } else {
            all.add(timed("fma", dtype, allowed, threads, "java", () -> new JavaMultiplyAdd(doubles)));
        }
    }

    private void tiles(boolean bytes, int threads, List<Timed> all) {
        String dtype = bytes ? "int8" : "bf16";
        String name = "tile_" + dtype;
        if (!processor.tiles(bytes)) {
            none(name, "the processor has no AMX tiles of that kind");
        } else if (!Posix.allowTiles()) {
            none(name, "the kernel does not give this process the AMX tiles that the processor has");
        } else {
            load(name, Programs.tiles(bytes)).ifPresent(code -> {
                perCycle.put(name, bytes ? 2048.0 : 1024.0);
                all.add(timed("tile", dtype, bytes ? 0 : BFLOAT, threads, "code", () -> new Tiles(code, bytes, arena)));
            });
        }
    }

    private void none(String name, String reason) {
        missing.putIfAbsent(name, reason);
    }

    private Optional<InjectedCode> load(String name, byte[] program) {
        Optional<InjectedCode> code = InjectedCode.load(program);
        code.ifPresentOrElse(codes::add, () -> {
            if (!name.isEmpty()) {
                none(name, "the system lets no memory be written and then executed");
            }
        });
        return code;
    }

    private interface Loops {
        Arithmetic one();
    }

    private Timed timed(String op, String dtype, double allowed, int threads, String backend, Loops loops) {
        List<Arithmetic> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            parts.add(loops.one());
        }
        Work work = new Work(
                op,
                Map.of("threads", (long) threads),
                dtype,
                "cpu",
                Work.Cache.HOT,
                backend,
                kernel(op, backend),
                "",
                (double) parts.getFirst().operations() * threads,
                0,
                64 * KIB,
                "monotonic clock around 1.5 ms, all threads");
        return new ArithmeticTimed(work, allowed, teams.apply(threads), parts);
    }

    private String kernel(String op, String backend) {
        return backend.equals("java")
                ? "float[] loop, vectors by the compiler"
                : "machine code, "
                        + (op.equals("tile") ? "AMX tiles" : "vectors of " + processor.vectorBytes() + " bytes");
    }

    private void memory(boolean quick, List<Timed> all) {
        Team team = teams.apply(processor.threads());
        long total = Math.clamp(BEYOND_CACHES * processor.lastLevel(), MIN_TOTAL, MAX_TOTAL);
        long free = processor.memory().availableBytes().orElse(MAX_TOTAL) / 4;
        long each = Math.min(total, free) / team.size() / (3 * WINDOW) * (3 * WINDOW);
        Optional<Streams> got = each == 0 || each * team.size() < 2 * processor.lastLevel()
                ? Optional.empty()
                : Streams.allocate(team, each, arena);
        if (got.isEmpty()) {
            none("dram_read", "there is not memory enough to get past the caches");
            return;
        }
        streams = got.orElseThrow();
        for (int level = 1; level <= processor.memory().caches().size(); level++) {
            level(level, quick, all);
        }
        for (int threads : threads(quick)) {
            for (Streams.Kind kind : Streams.Kind.values()) {
                stream(all, new Place("dram", WINDOW, each, 1, Work.Cache.COLD), kind, threads);
            }
        }
        sweeps(quick, all);
    }

    private record Place(String name, long array, long area, long times, Work.Cache cache) {}

    private void level(int level, boolean quick, List<Timed> all) {
        int threads = processor.threads();
        boolean last = level == processor.memory().caches().size();
        long bytes = last && level > 1
                ? processor.memory().lastLevelShareBytes(threads) / BEYOND_CACHES
                : processor.cache(level) / 2;
        String name = last && level > 2 ? "llc" : "l" + level;
        if (level > 1 && bytes < 2 * processor.cache(level - 1)) {
            none(name + "_read", "it is not clearly larger than the cache before it");
            return;
        }
        for (Streams.Kind kind : List.of(Streams.Kind.READ, Streams.Kind.COPY, Streams.Kind.TRIAD)) {
            if (!quick || kind == Streams.Kind.READ) {
                long array = bytes / kind.arrays() / (4 * KIB) * (4 * KIB);
                stream(
                        all,
                        new Place(name, array, array * kind.arrays(), Math.max(1, IN_CACHE / bytes), Work.Cache.HOT),
                        kind,
                        threads);
            }
        }
        if (level == 1 && processor.vectorBytes() > 0) {
            perCycle.put(name + "_read", 2.0 * processor.vectorBytes());
        }
    }

    private void stream(List<Timed> all, Place place, Streams.Kind kind, int threads) {
        Optional<InjectedCode> code =
                processor.vectorBytes() == 0 ? Optional.empty() : load("", kind.program(processor.vectorBytes()));
        if (code.isEmpty() && kind.pastCaches()) {
            none(place.name + "_" + kind.word(), "no machine code can be run, and Java has no stores past the caches");
            return;
        }
        Streams memory = java.util.Objects.requireNonNull(streams);
        Streams.Loop loop =
                code.map(c -> memory.injected(c, processor.vectorBytes())).orElseGet(() -> Streams.java(kind));
        Map<String, Long> axes = new LinkedHashMap<>();
        axes.put("threads", (long) threads);
        axes.put("bytes_each", place.name.equals("dram") ? place.area : place.array * kind.arrays());
        Work work = new Work(
                place.name + "_" + kind.word(),
                axes,
                "",
                "cpu",
                place.cache,
                code.isPresent() ? "code" : "java",
                code.isPresent() ? "machine code, vectors of " + processor.vectorBytes() + " bytes" : "Java loop",
                "",
                kind.arrays() == 3 ? 2.0 * place.array / Float.BYTES * threads * place.times : 0,
                (double) kind.bytes(place.array) * threads * place.times,
                place.area * threads,
                "monotonic clock around a window, all threads");
        all.add(new StreamTimed(
                work,
                teams.apply(threads),
                memory,
                kind,
                loop,
                new StreamTimed.Window(place.array, place.area, place.times)));
    }

    /// How a rate grows with the arithmetic between two loads, and with the size of what is read.
    private void sweeps(boolean quick, List<Timed> all) {
        Streams memory = java.util.Objects.requireNonNull(streams);
        int vector = processor.vectorBytes();
        int threads = processor.threads();
        if (vector == 0) {
            return;
        }
        for (int i = 0; i < DEPTHS.length; i += quick ? 2 : 1) {
            int depth = DEPTHS[i];
            load("", Programs.knee(vector, depth)).ifPresent(code -> {
                double bytes = (double) WINDOW * threads;
                Work work = new Work(
                        "sweep_intensity",
                        Map.of("multiply_adds", (long) depth),
                        "fp32",
                        "cpu",
                        Work.Cache.COLD,
                        "code",
                        "machine code: each vector loaded is multiplied and added to so often",
                        "",
                        2.0 * depth * bytes / Float.BYTES,
                        bytes,
                        (long) bytes,
                        "monotonic clock around a window, all threads");
                long area = memory.areas().getFirst().byteSize();
                all.add(new StreamTimed(
                        work,
                        teams.apply(threads),
                        memory,
                        Streams.Kind.READ,
                        memory.injected(code, vector),
                        new StreamTimed.Window(WINDOW, area, 1)));
            });
        }
        if (!quick) {
            sizes(memory, all);
        }
    }

    private void sizes(Streams memory, List<Timed> all) {
        int vector = processor.vectorBytes();
        long largest = Math.min(memory.areas().getFirst().byteSize(), 2 * processor.lastLevel());
        load("", Programs.read(vector)).ifPresent(code -> {
            for (long bytes = 8 * KIB; bytes <= largest; bytes *= 2) {
                long times = Math.max(1, IN_CACHE / bytes);
                Work work = new Work(
                        "sweep_size",
                        Map.of("bytes_each", bytes),
                        "",
                        "cpu",
                        Work.Cache.HOT,
                        "code",
                        "machine code, vectors of " + vector + " bytes",
                        "",
                        0,
                        (double) bytes * times * processor.threads(),
                        bytes * processor.threads(),
                        "monotonic clock around all passes, all threads");
                all.add(new StreamTimed(
                        work,
                        teams.apply(processor.threads()),
                        memory,
                        Streams.Kind.READ,
                        memory.injected(code, vector),
                        new StreamTimed.Window(bytes, bytes, times)));
            }
        });
    }

    void close() {
        if (streams != null) {
            streams.close();
        }
    }
}
