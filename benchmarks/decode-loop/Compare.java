import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.device.llama.EngineLibraries;
import dev.hourglass.device.llama.EngineListener;
import dev.hourglass.device.llama.EngineOutcome;
import dev.hourglass.device.llama.EngineProcess;
import dev.hourglass.device.llama.EngineRequest;
import dev.hourglass.device.llama.GeneratedModel;
import dev.hourglass.device.llama.Granularity;
import dev.hourglass.device.llama.Shapes;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// The plain C loop and Hourglass's engine process, turn by turn on one model and machine:
///
/// - T_token of unprofiled steps against the C loop's,
/// - what profiling adds at node and at stage granularity, from steps that alternate in one process,
/// - what a callback in C that stops at the same nodes adds in the C loop.
///
/// The machine's speed drifts by percents within minutes. So the C loop and the engine are alive at the same
/// time, and each is halted while the other runs its turn ([Turns]). A step that a halt cuts is very long; one in
/// some thirty is, on both sides, which medians do not see.
///
/// Ratios are of medians, with 95 % intervals from 2000 bootstrap draws.
///
///     Compare LOOP ENGINE_DIR CACHE_DIR SHAPE LAYERS TOKENS CONTEXT THREADS ROUNDS
public final class Compare {
    private static final int WARMUP = 8;
    private static final int DRAWS = 2000;

    /// Times of steps, in microseconds.
    private record Steps(List<Double> profiled, List<Double> plain) {
        Steps() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /// What every run has in common.
    private record Setup(String loop, Path engine, Path model, int tokens, int context, int threads) {
        /// Starts the C loop.
        ///
        /// @param where it is stopped; nothing where it is not
        Process start(String... where) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    loop,
                    engine.toString(),
                    model.toString(),
                    "" + tokens,
                    "" + WARMUP,
                    "" + context,
                    "" + threads));
            command.addAll(List.of(where));
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        }

        EngineRequest request(Granularity granularity) {
            return new EngineRequest(model, tokens, WARMUP, context, threads, granularity, 1, 0);
        }
    }

    public static void main(String[] args) throws Exception {
        var shape = Shapes.find(args[3]).orElseThrow();
        int tokens = Integer.parseInt(args[5]);
        int context = Integer.parseInt(args[6]);
        int threads = Integer.parseInt(args[7]);
        int rounds = Integer.parseInt(args[8]);
        Path model = new GeneratedModel(shape, Integer.parseInt(args[4]), 1)
                .prepare(Path.of(args[2]), context, (_, _) -> {});
        Setup setup = new Setup(args[0], Path.of(args[1]), model, tokens, context, threads);
        System.out.printf(
                Locale.ROOT,
                "%s, %s layers, context %d, %d threads, %d rounds of %d steps each%n",
                shape.name(), args[4], context, threads, rounds, tokens);
        List<Double> c = new ArrayList<>();
        Steps node = new Steps();
        Steps stage = new Steps();
        Steps atNodes = new Steps();
        Steps atStages = new Steps();
        for (int round = 0; round < rounds; round++) {
            for (Granularity granularity : Granularity.values()) {
                Steps steps = granularity == Granularity.NODE ? node : stage;
                c.addAll(inTurns(setup, granularity, steps));
            }
            stopped(setup, "nodes", atNodes);
            stopped(setup, "stages", atStages);
        }
        List<Double> plain = new ArrayList<>(node.plain());
        plain.addAll(stage.plain());
        System.out.printf(Locale.ROOT, "C loop:               %s%n", describe(c));
        System.out.printf(Locale.ROOT, "Hourglass unprofiled: %s%n", describe(plain));
        System.out.printf(Locale.ROOT, "unprofiled / C loop:  %s%n", ratio(plain, c));
        System.out.printf(Locale.ROOT, "node granularity adds:                 %s%n", paired(node));
        System.out.printf(Locale.ROOT, "stage granularity adds:                %s%n", paired(stage));
        System.out.printf(Locale.ROOT, "a C callback at every node adds:       %s%n", paired(atNodes));
        System.out.printf(Locale.ROOT, "a C callback at every stage's end adds: %s%n", paired(atStages));
        System.out.println("load at the end: " + Files.readString(Path.of("/proc/loadavg")).strip());
    }

    /// Runs the engine, and the C loop in turns with it.
    ///
    /// @return the C loop's steps, in microseconds
    private static List<Double> inTurns(Setup setup, Granularity granularity, Steps into) throws Exception {
        Process c = setup.start();
        Turns.halt(c.pid());
        engine(setup, granularity, into, c.pid());
        return lines(c).stream().map(Double::parseDouble).toList();
    }

    private static void stopped(Setup setup, String where, Steps into) throws Exception {
        for (String line : lines(setup.start(where))) {
            String[] us = line.split(" ", -1);
            into.profiled().add(Double.parseDouble(us[0]));
            into.plain().add(Double.parseDouble(us[1]));
        }
    }

    private static List<String> lines(Process process) throws Exception {
        List<String> lines = process.inputReader().lines().toList();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the C loop failed");
        }
        return lines;
    }

    /// @param other process that takes turns with the engine's
    private static void engine(Setup setup, Granularity granularity, Steps into, long other) throws Exception {
        Path log = Files.createTempFile("engine", ".log");
        try (EngineProcess process = EngineProcess.start(setup.request(granularity), EngineLibraries.find(setup.engine()), log);
                Turns turns = new Turns(process.pid(), other)) {
            EngineOutcome outcome = process.run(
                    batch -> {
                        if (batch.table().name().equals("token")) {
                            into.profiled().addAll(durations(batch));
                        } else if (batch.table().name().equals("token_unprofiled")) {
                            into.plain().addAll(durations(batch));
                        }
                    },
                    new EngineListener() {
                        @Override
                        public void measuringStarts() {
                            turns.start();
                        }

                        @Override
                        public void measuringEnded() {
                            turns.close();
                        }
                    });
            if (!(outcome instanceof EngineOutcome.Completed)) {
                throw new IllegalStateException(outcome.toString());
            }
        }
    }

    private static List<Double> durations(EventBatch batch) {
        return Arrays.stream(batch.longs(batch.table().indexOf("dur")), 0, batch.size())
                .mapToObj(ns -> ns / 1e3)
                .toList();
    }

    private static String describe(List<Double> us) {
        double[] sorted = us.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "p50 %.1f µs, p10 %.1f, p90 %.1f (n = %d)",
                sorted[sorted.length / 2],
                sorted[sorted.length / 10],
                sorted[sorted.length * 9 / 10],
                sorted.length);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double[] draw(double[] from, SplittableRandom random) {
        double[] out = new double[from.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = from[random.nextInt(from.length)];
        }
        return out;
    }

    private static String ratio(List<Double> a, List<Double> b) {
        double[] x = a.stream().mapToDouble(Double::doubleValue).toArray();
        double[] y = b.stream().mapToDouble(Double::doubleValue).toArray();
        SplittableRandom random = new SplittableRandom(1);
        double[] draws = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            draws[i] = median(draw(x, random)) / median(draw(y, random));
        }
        return interval(median(x) / median(y), draws);
    }

    /// Of the steps side by side: the median of their ratios.
    private static String paired(Steps steps) {
        double[] ratios = new double[steps.plain().size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = steps.profiled().get(i) / steps.plain().get(i);
        }
        SplittableRandom random = new SplittableRandom(1);
        double[] draws = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            draws[i] = median(draw(ratios, random));
        }
        return interval(median(ratios), draws);
    }

    private static String interval(double value, double[] draws) {
        Arrays.sort(draws);
        return String.format(
                Locale.ROOT,
                "%+.2f %% (95 %% CI %+.2f to %+.2f)",
                (value - 1) * 100,
                (draws[DRAWS / 40] - 1) * 100,
                (draws[DRAWS - DRAWS / 40] - 1) * 100);
    }

    /// Lets two processes run in turns of a second, each halted meanwhile, beginning with the first.
    private static final class Turns implements AutoCloseable {
        private static final long TURN_MS = 1000;
        private static final int SIGCONT = 18;
        private static final int SIGSTOP = 19;
        private static final MethodHandle KILL = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private final long first;
        private final long second;
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::alternate);

        Turns(long first, long second) {
            this.first = first;
            this.second = second;
        }

        void start() {
            thread.start();
        }

        /// Ends the turns; both run on.
        @Override
        public void close() {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            signal(first, SIGCONT);
            signal(second, SIGCONT);
        }

        static void halt(long process) {
            signal(process, SIGSTOP);
        }

        private void alternate() {
            try {
                while (true) {
                    Thread.sleep(TURN_MS);
                    signal(first, SIGSTOP);
                    signal(second, SIGCONT);
                    Thread.sleep(TURN_MS);
                    signal(second, SIGSTOP);
                    signal(first, SIGCONT);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void signal(long process, int signal) {
            try {
                int unused = (int) KILL.invokeExact((int) process, signal);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
