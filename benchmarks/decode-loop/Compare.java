import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.device.llama.EngineLibraries;
import dev.hourglass.device.llama.EngineListener;
import dev.hourglass.device.llama.EngineOutcome;
import dev.hourglass.device.llama.EngineProcess;
import dev.hourglass.device.llama.EngineRequest;
import dev.hourglass.device.llama.GeneratedModel;
import dev.hourglass.device.llama.Granularity;
import dev.hourglass.device.llama.Shapes;
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

    private record Steps(List<Double> profiled, List<Double> plain) {}

    public static void main(String[] args) throws Exception {
        String loop = args[0];
        Path engine = Path.of(args[1]);
        var shape = Shapes.find(args[3]).orElseThrow();
        int tokens = Integer.parseInt(args[5]);
        int context = Integer.parseInt(args[6]);
        int threads = Integer.parseInt(args[7]);
        int rounds = Integer.parseInt(args[8]);
        Path model = new GeneratedModel(shape, Integer.parseInt(args[4]), 1)
                .prepare(Path.of(args[2]), context, (_, _) -> {});
        System.out.printf(
                Locale.ROOT,
                "%s, %s layers, context %d, %d threads, %d rounds of %d steps each%n",
                shape.name(), args[4], context, threads, rounds, tokens);
        List<Double> c = new ArrayList<>();
        Steps node = new Steps(new ArrayList<>(), new ArrayList<>());
        Steps stage = new Steps(new ArrayList<>(), new ArrayList<>());
        Steps atNodes = new Steps(new ArrayList<>(), new ArrayList<>());
        Steps atStages = new Steps(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < rounds; round++) {
            for (Granularity granularity : Granularity.values()) {
                Steps steps = granularity == Granularity.NODE ? node : stage;
                c.addAll(inTurns(loop, engine, model, tokens, context, threads, granularity, steps));
            }
            stopped(loop, engine, model, tokens, context, threads, "nodes", atNodes);
            stopped(loop, engine, model, tokens, context, threads, "stages", atStages);
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
    private static List<Double> inTurns(
            String loop,
            Path engine,
            Path model,
            int tokens,
            int context,
            int threads,
            Granularity granularity,
            Steps into)
            throws Exception {
        Process c = new ProcessBuilder(
                        loop,
                        engine.toString(),
                        model.toString(),
                        "" + tokens,
                        "" + WARMUP,
                        "" + context,
                        "" + threads)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Turns.halt(c.pid());
        engine(engine, model, tokens, context, threads, granularity, into, c.pid());
        return lines(c).stream().map(Double::parseDouble).toList();
    }

    private static void stopped(
            String loop, Path engine, Path model, int tokens, int context, int threads, String where, Steps into)
            throws Exception {
        for (String line : lines(
                loop, engine.toString(), model.toString(), "" + tokens, "" + WARMUP, "" + context, "" + threads, where)) {
            String[] us = line.split(" ", -1);
            into.profiled().add(Double.parseDouble(us[0]));
            into.plain().add(Double.parseDouble(us[1]));
        }
    }

    private static List<String> lines(String... command) throws Exception {
        return lines(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private static List<String> lines(Process process) throws Exception {
        List<String> lines = process.inputReader().lines().toList();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the C loop failed");
        }
        return lines;
    }

    private static void engine(
            Path engine,
            Path model,
            int tokens,
            int context,
            int threads,
            Granularity granularity,
            Steps into,
            long other)
            throws Exception {
        EngineRequest request = new EngineRequest(model, tokens, WARMUP, context, threads, granularity, 1, 0);
        Path log = Files.createTempFile("engine", ".log");
        try (EngineProcess process = EngineProcess.start(request, EngineLibraries.find(engine), log);
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
