package dev.hourglass.core.read.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.Explained;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.text.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was recorded of real engines, held against what these counted themselves.
final class RealEnginesTest {
    private static final Path RECORDINGS = Path.of("src/test/resources/probe");
    private static final String ENGINE = "SELECT count(*) FILTER (engine = 'vllm:0') * 1e0 / count(*) AS n FROM ";

    @TempDir
    private Path folder;

    private Path imported(String name) throws IOException {
        Path records = Files.createDirectory(folder.resolve("records"));
        try (Stream<Path> files = Files.list(RECORDINGS.resolve(name))) {
            for (Path file : files.toList()) {
                unpack(file, records);
            }
        }
        Path session = Files.createDirectory(folder.resolve("session"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(records), new SessionLayout(session).database());
        return session;
    }

    private static void unpack(Path file, Path into) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".seg")) {
            Files.copy(file, into.resolve(name));
        } else if (name.endsWith(".seg.gz")) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                Files.copy(in, into.resolve(name.replace(".gz", "")));
            }
        }
    }

    private static long number(Session session, String query) {
        return Math.round(session.query(query).real(0, "n").orElse(Double.NaN));
    }

    private static List<String> lines(Session session, String query) {
        Rows rows = session.query(query);
        return IntStream.range(0, rows.size())
                .mapToObj(i -> rows.text(i, "line", ""))
                .toList();
    }

    @Test
    void aServerOnTheCpuCountsTheSame() throws IOException {
        Map<String, @Nullable Object> known;
        try (InputStream in = Files.newInputStream(RECORDINGS.resolve("vllm-0.32-cpu-server/counts.json"))) {
            known = JsonTree.object(in);
        }
        Map<String, @Nullable Object> counted = JsonTree.object(known, "engine_counts");
        try (Session session = Session.open(imported("vllm-0.32-cpu-server"))) {
            long generated = JsonTree.number(counted, "vllm:generation_tokens_total", -1);
            assertThat(number(session, "SELECT count(*) AS n FROM request_token"))
                    .isEqualTo(generated);
            assertThat(number(session, "SELECT sum(output_tokens) AS n FROM request"))
                    .isEqualTo(generated);
            assertThat(number(session, "SELECT sum(prompt_tokens) AS n FROM request"))
                    .isEqualTo(JsonTree.number(counted, "vllm:prompt_tokens_total", -1));
            assertThat(number(session, "SELECT count(*) AS n FROM preemption WHERE event = 'preempted'"))
                    .isEqualTo(JsonTree.number(counted, "vllm:num_preemptions_total", -1));
            assertThat(number(session, "SELECT sum(hit_tokens) AS n FROM prefix_lookup WHERE NOT again"))
                    .isEqualTo(JsonTree.number(counted, "vllm:prefix_cache_hits_total", -1));
            assertThat(number(session, "SELECT sum(tokens) AS n FROM prefix_lookup WHERE NOT again"))
                    .isEqualTo(JsonTree.number(counted, "vllm:prefix_cache_queries_total", -1));
            // 4 experts a token, 6 pairs of them, in each of the 4 layers.
            long computed = number(session, "SELECT sum(tokens) AS n FROM forward_pass");
            assertThat(lines(
                            session,
                            "SELECT sum(tokens) FILTER (other_expert IS NULL) || ' ' || sum(tokens) FILTER (other_expert IS NOT NULL)"
                                    + " AS line FROM expert_count GROUP BY layer"))
                    .hasSize(4)
                    .containsOnly(4 * computed + " " + 6 * computed);
            for (String table : List.of("step", "forward_pass", "batch", "kv_usage", "probe_hook")) {
                assertThat(number(session, ENGINE + table)).as(table).isEqualTo(1);
            }
        }
    }

    /// The client is one of the processes that wait for a core, so its stamps come later: by how much is not our
    /// business, but never before.
    @Test
    void noTokenReachesTheClientBeforeTheFrontEndHadIt() throws IOException {
        List<String> early = new ArrayList<>();
        try (Session session = Session.open(imported("vllm-0.32-cpu-server"));
                InputStream in = Files.newInputStream(RECORDINGS.resolve("vllm-0.32-cpu-server/counts.json"))) {
            for (Map<String, @Nullable Object> request : JsonTree.objects(JsonTree.object(in), "requests")) {
                long[] stamps = request.get("stamps") instanceof List<?> list
                        ? list.stream()
                                .mapToLong(stamp -> ((Number) stamp).longValue())
                                .toArray()
                        : new long[0];
                assertThat(stamps).hasSize(48);
                String id = JsonTree.text(request, "id");
                Rows known = session.query(
                        "SELECT first_token_ts, arrival_ts, output_tokens FROM request WHERE request LIKE '" + id
                                + "-%'");
                assertThat(known.size()).as(id).isEqualTo(1);
                assertThat(known.integer(0, "output_tokens")).hasValue(48);
                long first = known.integer(0, "first_token_ts").orElseThrow();
                if (first > Arrays.stream(stamps).min().orElseThrow()
                        || known.integer(0, "arrival_ts").orElseThrow() < JsonTree.number(request, "sent", 0)) {
                    early.add(id);
                }
            }
        }
        assertThat(early).isEmpty();
    }

    @Test
    void capturesReplaysAndDeviceTimesOfAGpuAreTheEngines() throws IOException {
        Path directory = imported("vllm-0.26-gpu-v2");
        try (Session session = Session.open(directory)) {
            assertThat(number(session, "SELECT count(*) AS n FROM cuda_graph_capture"))
                    .isEqualTo(40);
            // Two runs of eight requests behind a warm-up of 16 tokens, one run of one request.
            assertThat(
                            lines(
                                    session,
                                    "SELECT mode || ' ' || tokens || ' ' || sum(count) AS line FROM cuda_graph_replay GROUP BY mode, tokens ORDER BY tokens"))
                    .containsExactly("FULL 1 511", "FULL 8 " + (2 * 511 + 15));
            assertThat(number(session, "SELECT count(*) AS n FROM request_token"))
                    .isEqualTo(8 * 16 + 2 * 8 * 512 + 512);
            long computed = number(session, "SELECT sum(tokens) AS n FROM forward_pass");
            assertThat(lines(
                            session,
                            "SELECT sum(tokens) AS line FROM expert_count WHERE other_expert IS NULL GROUP BY layer"))
                    .hasSize(8)
                    .containsOnly(Long.toString(4 * computed));
            assertThat(
                            number(
                                    session,
                                    "SELECT count(*) AS n FROM forward_pass WHERE gpu_forward_ns > gpu_ns OR gpu_ns <= 0 OR gpu_idle_ns < 0"))
                    .isZero();
            assertThat(number(session, "SELECT count(gpu_ns) AS n FROM forward_pass"))
                    .isGreaterThan(1500);
            assertThat(number(session, "SELECT count(*) AS n FROM step WHERE dur IS NULL"))
                    .isZero();
        }
        assertThat(Explained.of(directory).report().headline().statement()).startsWith("A request waits ");
    }

    /// A program of PyTorch 2.11 on an H200: what the library itself counted, and the 3,700 kernels that the program
    /// knows it launched between two of its own stamps.
    @Test
    void aGpuTimelineLosesNoKernel() throws IOException {
        try (Session session = Session.open(imported("pytorch-gpu-timeline"))) {
            assertThat(number(session, "SELECT count(*) AS n FROM kernel")).isEqualTo(114_796);
            assertThat(number(session, "SELECT count(*) AS n FROM memcpy")).isEqualTo(1_860);
            assertThat(number(session, "SELECT count(*) AS n FROM kernel WHERE name IS NULL OR name = ''"))
                    .isZero();
            assertThat(number(session, "SELECT count(*) AS n FROM kernel WHERE ts BETWEEN 45339106798 AND 45370431620"))
                    .isEqualTo(3_700);
            assertThat(number(
                            session, "SELECT count(*) AS n FROM import_stat WHERE severity IN ('data_loss', 'error')"))
                    .isZero();
        }
    }
}
