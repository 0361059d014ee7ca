package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.code.InjectedCode;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The processor: machine code of our own for its limits, plain Java for the operators.
///
/// To be used in a process of its own, with both compilers: machine code that a processor does not have ends it.
public final class CpuBackend implements Backend {
    private final Processor processor = Processor.read();
    private final Arena arena = Arena.ofShared();
    private final List<InjectedCode> codes = new ArrayList<>();
    private final Map<Integer, Team> teams = new HashMap<>();
    private final Clock clock;
    private final CpuCeilings ceilings;
    private final CpuOperators operators;

    public CpuBackend() {
        this.clock = Clock.of(processor, codes);
        this.ceilings = new CpuCeilings(processor, this::team, arena, codes);
        this.operators = new CpuOperators(processor, team(processor.threads()));
    }

    private Team team(int threads) {
        return teams.computeIfAbsent(threads, size -> new Team(size, clock));
    }

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public List<Offer> offers() {
        return operators.offers();
    }

    @Override
    public List<Timed> ceilings(boolean quick) {
        return ceilings.all(quick);
    }

    @Override
    public Map<String, String> notMeasured() {
        return ceilings.missing();
    }

    @Override
    public Map<String, Peak> peaks() {
        return ceilings.peaks(clock.highest());
    }

    @Override
    public Map<String, Long> levels() {
        Map<String, Long> levels = new LinkedHashMap<>();
        int caches = processor.memory().caches().size();
        for (int level = 1; level <= caches; level++) {
            levels.put(level == caches && level > 2 ? "llc" : "l" + level, processor.allOf(level));
        }
        return levels;
    }

    @Override
    public String validFor() {
        return validity(processor);
    }

    /// What ceilings of this machine's processor hold for, without measuring anything.
    public static String validity() {
        return validity(Processor.read());
    }

    private static String validity(Processor processor) {
        return processor.name() + ", " + processor.threads() + " threads, kernel " + processor.kernel() + ", "
                + processor.clockLimits();
    }

    /// @throws ImpossibleShapeException where memory does not hold it, or an axis is out of its range
    @Override
    public Timed prepare(String op, Map<String, Long> axes, String dtype, Work.Cache cache) {
        return operators.prepare(op, axes, dtype, cache);
    }

    @Override
    public void close() {
        teams.values().forEach(Team::close);
        ceilings.close();
        operators.close();
        codes.forEach(InjectedCode::close);
        arena.close();
    }
}
