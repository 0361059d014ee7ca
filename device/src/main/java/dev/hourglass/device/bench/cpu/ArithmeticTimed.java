package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.List;
import java.util.SplittableRandom;

/// The arithmetic of some threads at the same time.
final class ArithmeticTimed implements Timed {
    /// Iterations whose result is compared.
    private static final long CHECKED = 100;

    private static final long QUANTUM_NS = 1_500_000;
    private static final int TRIED = 24;
    private static final int AGAIN = 4;

    private final Work work;
    private final double allowed;
    private final Team team;
    private final List<Arithmetic> parts;
    private long iterations = 1;

    /// @param work of one iteration of all threads
    /// @param parts of each thread
    ArithmeticTimed(Work work, double allowed, Team team, List<Arithmetic> parts) {
        this.work = work;
        this.allowed = allowed;
        this.team = team;
        this.parts = parts;
    }

    @Override
    public Work work() {
        return work;
    }

    @Override
    public Check check() {
        SplittableRandom random = new SplittableRandom(parts.size());
        parts.forEach(part -> part.reset(random));
        team.run((part, of) -> parts.get(part).run(CHECKED));
        double error = 0;
        for (Arithmetic part : parts) {
            double own = part.error(CHECKED);
            error = own <= error ? error : own;
        }
        calibrate();
        return Check.of(error, allowed);
    }

    /// How many iterations take a quantum, by the shortest of a few runs: others may hold one of them back.
    private void calibrate() {
        for (int i = 0; i < TRIED; i++) {
            long ns = Long.MAX_VALUE;
            for (int again = 0; again < AGAIN; again++) {
                ns = Math.min(ns, team.run((part, of) -> parts.get(part).run(iterations)));
            }
            if (ns >= QUANTUM_NS / 2) {
                iterations = Math.max(1, iterations * QUANTUM_NS / Math.min(ns, 2 * QUANTUM_NS));
                return;
            }
            iterations *= 2;
        }
    }

    @Override
    public Sample sample() {
        Sample all = team.sample((part, of) -> parts.get(part).run(iterations), 1);
        return new Sample(all.ns() / iterations, all.clockMhz(), all.throttled());
    }

    @Override
    public void close() {
        // Its memory is the backend's.
    }
}
