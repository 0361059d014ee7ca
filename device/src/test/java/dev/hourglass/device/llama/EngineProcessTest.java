package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The real engine in its own process, on models of a few hundred kilobytes.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EngineProcessTest {
    private static final String SCHED_IDLE = "5";
    /// Index in what follows the name of a thread.
    private static final int POLICY = 38;

    @TempDir
    Path directory;

    private static Map<Object, Long> sums(List<Map<String, Object>> ops) {
        Map<Object, Long> sums = new LinkedHashMap<>();
        ops.forEach(op -> sums.merge(op.get("token"), (Long) op.get("dur"), Long::sum));
        return sums;
    }

    @ParameterizedTest
    @EnumSource(Granularity.class)
    void partsAddUpToTToken(Granularity granularity) throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Tiny.Result result = Tiny.run(directory, Tiny.request(model, 5, granularity), new EngineListener() {});

        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(5));
        List<Map<String, Object>> tokens = result.rows("token");
        assertThat(tokens).hasSize(5);
        assertThat(result.rows("token_unprofiled")).hasSize(5);
        Map<Object, Long> sums = sums(result.rows("op"));
        for (Map<String, Object> token : tokens) {
            long dur = (Long) token.get("dur");
            assertThat(sums.get(token.get("token"))).isBetween((long) (dur * 0.98), dur);
        }
        assertThat(tokens.getFirst()).containsEntry("position", 16L);
        assertThat(result.rows("expert_choice")).hasSize(5 * 2 * 3);
        Set<String> components = new HashSet<>(Set.of(
                "t_scheduling", "embedding", "attention", "t_routing", "t_cpu_computation", "lm_head", "sampling"));
        if (granularity == Granularity.NODE) {
            components.add("norm");
        } else {
            assertThat(result.rows("not_measured"))
                    .anySatisfy(row -> assertThat(row)
                            .containsEntry("item", "norm")
                            .containsEntry("how_to_record", "hourglass profile --granularity node"));
        }
        assertThat(result.rows("op").stream().map(op -> op.get("component")).collect(Collectors.toSet()))
                .isEqualTo(components);
        assertThat(facts(result))
                .containsEntry("engine.name", "llama.cpp")
                .containsEntry("model.architecture", "qwen3moe")
                .containsEntry("model.experts", "8")
                .containsEntry("model.experts_used", "3")
                .containsEntry("model.moe_layers", "2")
                .containsEntry("model.expert_bytes", String.valueOf(3 * 64 * 32 * 4));
    }

    private static Map<Object, Object> facts(Tiny.Result result) {
        return result.rows("metadata").stream().collect(Collectors.toMap(r -> r.get("name"), r -> r.get("value")));
    }

    @Test
    void stepsWithoutAndWithProfilingAlternate() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Tiny.Result result = Tiny.run(directory, Tiny.request(model, 4, Granularity.STAGE), new EngineListener() {});
        List<Object> profiled =
                result.rows("token").stream().map(r -> r.get("position")).toList();
        List<Object> plain = result.rows("token_unprofiled").stream()
                .map(r -> r.get("position"))
                .toList();
        assertThat(profiled).containsExactly(16L, 19L, 20L, 23L);
        assertThat(plain).containsExactly(17L, 18L, 21L, 22L);
    }

    /// A compiler at work takes a core from a thread for which the others wait.
    @Test
    void theCompilersGetWhatIsLeftOverWhileItMeasures() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Map<String, String> policies = new LinkedHashMap<>();
        Tiny.Result result = Tiny.run(directory, Tiny.request(model, 4, Granularity.STAGE), new EngineListener() {
            private long engine;

            @Override
            public void ready(Ready ready) {
                engine = ready.pid();
            }

            @Override
            public void measuringStarts() {
                policies.putAll(schedulingPolicies(engine));
            }
        });
        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(4));
        assertThat(policies)
                .containsEntry("C1 CompilerThre", SCHED_IDLE)
                .containsEntry("C2 CompilerThre", SCHED_IDLE)
                .containsEntry("java", "0");
        assertThat(result.log()).doesNotContain("n_tokens == 0");
    }

    /// By name of thread; see proc_pid_stat(5).
    private static Map<String, String> schedulingPolicies(long process) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process + "/task"))) {
            return tasks.flatMap(EngineProcessTest::stat)
                    .collect(Collectors.toMap(s -> s[0], s -> s[1].split(" ")[POLICY], (first, _) -> first));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The name, and what comes after it; nothing of a thread that has ended meanwhile.
    private static Stream<String[]> stat(Path task) {
        try {
            String stat = Files.readString(task.resolve("stat"));
            int end = stat.lastIndexOf(')');
            return Stream.<String[]>of(
                    new String[] {stat.substring(stat.indexOf('(') + 1, end), stat.substring(end + 2)});
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    @Test
    void aGraphThatIsRebuiltWhenTheCacheGrowsLosesNoStep() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        EngineRequest request = new EngineRequest(model, 12, 1, 244, 2, Granularity.NODE, 1, 0);
        Tiny.Result result = Tiny.run(directory, request, new EngineListener() {});
        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(12));
        assertThat(result.rows("expert_choice")).hasSize(12 * 2 * 3);
    }

    @ParameterizedTest
    @EnumSource(Shape.Attention.class)
    void profilesEveryKindOfAttention(Shape.Attention attention) throws Exception {
        String architecture = switch (attention) {
            case PLAIN -> "llama";
            case NORMED -> "qwen3moe";
            case SINKS -> "gpt-oss";
            case LATENT -> "deepseek2";
        };
        Shape shape = attention == Shape.Attention.LATENT ? Tiny.LATENT : Tiny.moe("tiny", architecture, attention);
        Path model = Tiny.model(directory, shape);
        Tiny.Result result = Tiny.run(directory, Tiny.request(model, 3, Granularity.NODE), new EngineListener() {});
        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(3));
        int moeLayers = shape.layersFull() - shape.leadingDense();
        assertThat(result.rows("expert_choice")).hasSize(3 * moeLayers * 3);
        Map<Object, Double> weights = new LinkedHashMap<>();
        result.rows("expert_choice")
                .forEach(r ->
                        weights.merge(List.of(r.get("token"), r.get("layer")), (Double) r.get("weight"), Double::sum));
        assertThat(weights.values()).allSatisfy(sum -> assertThat(sum).isBetween(0.3, 1.001));
        assertThat(result.rows("op").stream()
                        .filter(op -> "MUL_MAT_ID".equals(op.get("kind")))
                        .map(op -> op.get("component"))
                        .collect(Collectors.toSet()))
                .isEqualTo(Set.of("t_cpu_computation"));
    }

    /// Weights off centre, or embeddings too small, once made every token alike: the same experts for all.
    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"Q4_0", "Q8_0", "IQ4_NL", "Q4_K", "MXFP4", "F32"})
    void tokensOfAGeneratedModelDifferInTheirExperts(GgmlType type) throws Exception {
        tokensDiffer(Tiny.wide(type));
    }

    @Test
    void tokensOfADeepGeneratedModelDifferInTheirExperts() throws Exception {
        tokensDiffer(Tiny.deep());
    }

    private void tokensDiffer(Shape shape) throws Exception {
        Path model = Tiny.model(directory, shape);
        EngineRequest request = new EngineRequest(model, 60, 2, 128, 1, Granularity.STAGE, 42, 0);
        Tiny.Result result = Tiny.run(directory, request, new EngineListener() {});
        Map<Object, Map<Object, Set<Object>>> chosen = result.rows("expert_choice").stream()
                .collect(Collectors.groupingBy(
                        r -> r.get("layer"),
                        Collectors.groupingBy(
                                r -> r.get("token"), Collectors.mapping(r -> r.get("expert"), Collectors.toSet()))));
        assertThat(chosen).hasSize(shape.layersFull());
        for (Map<Object, Set<Object>> byToken : chosen.values()) {
            // of 56 sets of three, sixty even draws meet 37 on average
            assertThat(new HashSet<>(byToken.values())).hasSizeGreaterThan(18);
            assertThat(byToken.values().stream().flatMap(Set::stream).distinct())
                    .hasSize(8);
        }
    }

    @Test
    void aDenseModelHasNoRouting() throws Exception {
        Path model = Tiny.model(directory, Tiny.DENSE);
        Tiny.Result result = Tiny.run(directory, Tiny.request(model, 2, Granularity.NODE), new EngineListener() {});
        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(2));
        assertThat(result.rows("expert_choice")).isEmpty();
        assertThat(result.rows("not_measured"))
                .anySatisfy(r ->
                        assertThat(r).containsEntry("item", "t_routing").containsEntry("status", "not_applicable"));
        assertThat(facts(result)).doesNotContainKey("model.experts");
    }

    @Test
    void stopsAfterAWholeToken() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Path log = directory.resolve("engine.log");
        EngineRequest request = new EngineRequest(model, 5_000, 1, 16, 1, Granularity.STAGE, 1, 0);
        List<Long> rows = new ArrayList<>();
        try (EngineProcess process = EngineProcess.start(request, Tiny.libraries(), log)) {
            EngineOutcome outcome = process.run(
                    batch -> {
                        if (batch.table().name().equals("token")) {
                            rows.add((long) batch.size());
                        }
                    },
                    new EngineListener() {
                        @Override
                        public void measuring(int done, int total) {
                            process.stop();
                        }
                    });
            assertThat(outcome).isInstanceOfSatisfying(EngineOutcome.Stopped.class, stopped -> {
                assertThat(stopped.tokens()).isPositive().isLessThan(5_000);
                assertThat(rows.stream().mapToLong(Long::longValue).sum()).isEqualTo(stopped.tokens());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "SEGV", "ABRT"})
    void aProcessThatDiesIsAResult(String signal) throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Path log = directory.resolve("engine.log");
        EngineRequest request = new EngineRequest(model, 100_000, 1, 16, 1, Granularity.STAGE, 1, 0);
        try (EngineProcess process = EngineProcess.start(request, Tiny.libraries(), log)) {
            AtomicLong rows = new AtomicLong();
            EngineOutcome outcome = process.run(
                    batch -> {
                        if (batch.table().name().equals("token")) {
                            rows.addAndGet(batch.size());
                        }
                    },
                    new EngineListener() {
                        @Override
                        public void measuring(int done, int total) {
                            kill(signal, process.pid());
                        }
                    });
            assertThat(outcome).isInstanceOfSatisfying(EngineOutcome.Crashed.class, crash -> {
                assertThat(crash.how()).contains("signal").contains(signal.equals("KILL") ? "SIGKILL" : "SIGABRT");
                assertThat(crash.logTail()).contains("llama");
                assertThat(crash.tokens()).isPositive().isEqualTo((int) rows.get());
            });
        }
    }

    private static void kill(String signal, long pid) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(pid))
                    .start()
                    .waitFor();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theTerminalsInterruptDoesNotReachIt() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        Path log = directory.resolve("engine.log");
        EngineRequest request = Tiny.request(model, 3, Granularity.STAGE);
        try (EngineProcess process = EngineProcess.start(request, Tiny.libraries(), log)) {
            EngineOutcome outcome = process.run(_ -> {}, new EngineListener() {
                @Override
                public void ready(Ready ready) {
                    kill("INT", ready.pid());
                }
            });
            assertThat(outcome).isEqualTo(new EngineOutcome.Completed(3));
        }
    }

    @Test
    void itEndsWithItsRecorder() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        EngineRequest request = new EngineRequest(model, 1_000_000, 1, 16, 1, Granularity.STAGE, 1, 0);
        EngineLibraries.Found found = (EngineLibraries.Found) Tiny.libraries();
        Process engine = new ProcessBuilder(EngineCommand.of(request, found, directory.resolve("log")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        engine.getOutputStream().close();
        assertThat(engine.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void standsStillForABarrierProbe() throws Exception {
        Path model = Tiny.model(directory, Tiny.QWEN3MOE);
        EngineRequest request = new EngineRequest(model, 2, 1, 16, 2, Granularity.STAGE, 1, 3);
        List<String> heard = new ArrayList<>();
        Tiny.Result result = Tiny.run(directory, request, new EngineListener() {
            private List<Integer> ids = List.of();

            @Override
            public void ready(Ready ready) {
                ids = ready.threadIds();
                heard.add("ready " + ids.size());
            }

            @Override
            public void measuringEnded() {
                heard.add("measured");
            }

            @Override
            public void barrierProbe(BarrierProbe probe) {
                assertThat(probe.threadIds()).isEqualTo(ids);
                assertThat(probe.library()).exists();
                heard.add(probe.symbol() + " " + probe.steps());
            }

            @Override
            public void barrierStep(int step, long ts, long dur) {
                assertThat(dur).isPositive();
                heard.add("step " + step);
            }

            @Override
            public void barrierStepsEnded() {
                heard.add("ended");
            }
        });
        assertThat(result.outcome()).isEqualTo(new EngineOutcome.Completed(2));
        assertThat(heard)
                .containsExactly("ready 2", "measured", "ggml_barrier 3", "step 0", "step 1", "step 2", "ended");
    }

    @Test
    void refusesBrokenFilesInOneLine() throws Exception {
        Path good = Tiny.model(directory, Tiny.QWEN3MOE);
        byte[] bytes = Files.readAllBytes(good);
        Map<Path, String> files = new LinkedHashMap<>();
        files.put(Files.write(directory.resolve("empty.gguf"), new byte[0]), "the file is empty");
        files.put(Files.write(directory.resolve("cut.gguf"), Arrays.copyOf(bytes, bytes.length / 2)), "it is cut off");
        files.put(Files.writeString(directory.resolve("text.gguf"), "hello, I am a model"), "no GGUF model file");
        files.put(
                Files.write(directory.resolve("unknown.gguf"), replaced(bytes, "qwen3moe", "qwen9moe")),
                "unknown model architecture: 'qwen9moe'");
        files.put(
                Files.write(
                        directory.resolve("tensor.gguf"), replaced(bytes, "blk.1.ffn_up_exps", "blk.1.ffn_xx_exps")),
                "blk.1.ffn_up_exps");
        files.put(directory.resolve("missing.gguf"), "missing.gguf");
        for (Map.Entry<Path, String> file : files.entrySet()) {
            Tiny.Result result =
                    Tiny.run(directory, Tiny.request(file.getKey(), 2, Granularity.NODE), new EngineListener() {});
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            EngineOutcome.Refused.class,
                            refused -> assertThat(refused.message())
                                    .contains(file.getKey().getFileName().toString())
                                    .contains(file.getValue())
                                    .doesNotContain("\n"));
        }
    }

    private static byte[] replaced(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void absentLibrariesAreNamed() throws Exception {
        assertThat(EngineLibraries.find(directory.resolve("nowhere")))
                .isInstanceOfSatisfying(
                        EngineLibraries.Absent.class,
                        a -> assertThat(a.reason()).contains("missing").contains("nowhere"));
        Path engine = Files.createDirectory(directory.resolve("engine"));
        assertThat(reason(engine)).contains("libllama is missing");
        try (var files = Files.list(Tiny.engine())) {
            for (Path file : files.filter(f ->
                            f.toString().matches(".*/lib(llama|ggml)(\\.v.*|-base|-cpu-x64)\\.so|.*-cpu-armv8.0.*"))
                    .toList()) {
                Files.copy(file, engine.resolve(file.getFileName()));
            }
        }
        assertThat(EngineLibraries.find(engine)).isInstanceOf(EngineLibraries.Found.class);
        Path llama = ((EngineLibraries.Found) EngineLibraries.find(engine)).llama();
        byte[] whole = Files.readAllBytes(llama);
        Files.delete(llama);
        Files.write(llama, Arrays.copyOf(whole, whole.length / 2));
        assertThat(reason(engine)).startsWith("damaged: ").contains("libllama");
    }

    private static String reason(Path engine) {
        return Optional.of(EngineLibraries.find(engine))
                .filter(EngineLibraries.Absent.class::isInstance)
                .map(a -> ((EngineLibraries.Absent) a).reason())
                .orElse("found");
    }
}
