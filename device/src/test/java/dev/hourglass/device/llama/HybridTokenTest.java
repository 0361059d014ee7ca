package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Answer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Timeline;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real hybrid token, from raw buffers to the parts of its time.
class HybridTokenTest {
    private static final long APART = 40_000_000;
    private static final int TOKENS = 5;

    @TempDir
    static Path directory;

    private static HybridToken token;

    @BeforeAll
    static void record() throws IOException {
        token = HybridToken.read();
        Path calls = directory.resolve("calls");
        Path kernels = directory.resolve("kernels");
        List<Long> starts = new ArrayList<>();
        List<Long> traced = new ArrayList<>();
        for (int t = 0; t < TOKENS; t++) {
            starts.add(1_000_000_000L + t * APART);
            traced.add(9_000_000_000L + t * APART);
        }
        token.activities(calls, false, starts);
        token.activities(kernels, true, traced);
        try (TraceStore store = TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)) {
            for (int t = 0; t < TOKENS; t++) {
                token.rows(store, t, starts.get(t), Optional.of(token.dur * 9 / 10));
            }
            try (RowWriter facts = new RowWriter(Tables.METADATA, store);
                    RowWriter observed = new RowWriter(Tables.OBSERVED_STEP, store)) {
                Map.of(
                                "engine.pid",
                                String.valueOf(HybridToken.PID),
                                "run.placement",
                                "all layers on the GPU, experts on the CPU (pinned memory)",
                                "engine.threads",
                                "16",
                                "model.expert_bytes",
                                "2654208")
                        .forEach((name, value) ->
                                facts.set("name", name).set("value", value).end());
                for (int t = 0; t < TOKENS; t++) {
                    observed.set("how", "kernels")
                            .set("token", (long) t)
                            .set("ts", traced.get(t))
                            .set("dur", token.dur)
                            .end();
                }
            }
            Activities.lay(List.of(calls, kernels), store);
            Timeline.lay(store);
            Views.create(store);
        }
    }

    @Test
    void partsDoNotOverlapAndFillTheToken() {
        try (Session session = Session.open(directory)) {
            Rows rows = session.query(
                    "SELECT token, sum(dur) AS dur, bool_and(apart) AS apart, count(*) AS n FROM (SELECT *, ts >= coalesce(lag(ts + dur) OVER (PARTITION BY token ORDER BY ts), ts) AS apart FROM op) GROUP BY token ORDER BY token");
            assertThat(rows.size()).isEqualTo(TOKENS);
            for (int r = 0; r < rows.size(); r++) {
                assertThat(rows.integer(r, "dur").orElseThrow()).isEqualTo(token.dur);
                assertThat(rows.value(r, "apart")).isEqualTo(true);
            }
        }
    }

    /// The same by going over the token microsecond by microsecond.
    @Test
    void partsAreWhatRanAtEachMoment() {
        Map<String, Long> expected = new HashMap<>();
        long step = 500;
        List<HybridToken.Span> gpu = token.graphs();
        List<HybridToken.Span> copies = token.spans("memcpy");
        List<HybridToken.Span> calls = token.spans("runtime");
        List<HybridToken.Span> cpu = cpu(token.splits(), calls);
        long lastCall = calls.stream().mapToLong(HybridToken.Span::end).max().orElseThrow();
        for (long at = step / 2; at < token.dur; at += step) {
            expected.merge(part(at, gpu, copies, calls, cpu, lastCall), step, Long::sum);
        }
        try (Session session = Session.open(directory)) {
            Rows rows = session.query("SELECT component, sum(dur) AS dur FROM op WHERE token = 0 GROUP BY component");
            Map<String, Long> actual = new HashMap<>();
            for (int r = 0; r < rows.size(); r++) {
                actual.put(rows.text(r, "component", ""), rows.integer(r, "dur").orElseThrow());
            }
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            actual.forEach(
                    (part, dur) -> assertThat(dur).as(part).isCloseTo(expected.get(part), within(token.dur / 500)));
        }
    }

    /// From the last question about a split to the next call, or the next split.
    private static List<HybridToken.Span> cpu(List<HybridToken.Span> splits, List<HybridToken.Span> calls) {
        List<HybridToken.Span> cpu = new ArrayList<>();
        for (int s = 0; s < splits.size(); s++) {
            long begin = splits.get(s).end();
            long call = calls.stream()
                    .mapToLong(HybridToken.Span::ts)
                    .filter(t -> t >= begin)
                    .min()
                    .orElse(token.dur);
            if (splits.get(s).what().equals("CPU")) {
                cpu.add(new HybridToken.Span(
                        s == 0 ? "embedding" : "t_cpu_computation",
                        begin,
                        Math.min(call, splits.get(s + 1).ts())));
            }
        }
        return cpu;
    }

    private static boolean in(List<HybridToken.Span> spans, long at) {
        return spans.stream().anyMatch(s -> s.ts() <= at && at < s.end());
    }

    private static String part(
            long at,
            List<HybridToken.Span> gpu,
            List<HybridToken.Span> copies,
            List<HybridToken.Span> calls,
            List<HybridToken.Span> cpu,
            long lastCall) {
        if (in(gpu, at)) {
            return "t_gpu_computation";
        }
        if (in(copies, at)) {
            return "t_pcie_transfer";
        }
        Optional<HybridToken.Span> call =
                calls.stream().filter(s -> s.ts() <= at && at < s.end()).findFirst();
        if (call.isPresent() && !call.orElseThrow().what().contains("GetDevice")) {
            String what = call.orElseThrow().what();
            return what.contains("GraphLaunch")
                    ? "t_gpu_kernel_launch"
                    : what.contains("Memcpy") ? "t_pcie_transfer" : "t_sync";
        }
        Optional<HybridToken.Span> computing =
                cpu.stream().filter(s -> s.ts() <= at && at < s.end()).findFirst();
        if (computing.isPresent()) {
            return computing.orElseThrow().what();
        }
        return at >= lastCall ? "sampling" : "t_scheduling";
    }

    @Test
    void theSevenQuestionsAreAnsweredWithTheGpu() throws IOException {
        Explanation explained = Explained.of(directory).explanation();
        assertThat(explained.questions().stream().map(Answer::status).toList())
                .containsExactly(
                        Answer.Status.ANSWERED,
                        Answer.Status.ANSWERED,
                        Answer.Status.NOT_MEASURED, // no expert was copied
                        Answer.Status.ANSWERED,
                        Answer.Status.ANSWERED,
                        Answer.Status.NOT_MEASURED, // no core was sampled
                        Answer.Status.ANSWERED);
        assertThat(explained.questions().get(4).answer()).contains("T_cpu_comp").contains("T_gpu_comp");
        assertThat(explained.decode().orElseThrow().components().stream()
                        .filter(c -> c.exclusive())
                        .mapToDouble(c -> c.share().orElse(0))
                        .sum())
                .isCloseTo(1, within(1e-6));
    }

    /// Every copy of the token, and what the host waits for in all: the recording's own sums.
    @Test
    void waitsAndCopiesAreThoseOfTheRecording() {
        long waits = token.spans("runtime").stream()
                .filter(s -> s.what().contains("Synchronize"))
                .mapToLong(s -> s.end() - s.ts())
                .sum();
        try (Session session = Session.open(directory)) {
            Rows copies = session.query(
                    "SELECT count(*) AS n, sum(bytes) FILTER (kind = 'HtoD') AS down, count(*) FILTER (launch_id IS NULL) AS loose FROM memcpy");
            assertThat(copies.integer(0, "n")).hasValue(151L * 2 * TOKENS);
            assertThat(copies.integer(0, "loose")).hasValue(0);
            Rows waited = AnalysisLibrary.run(session, "decode/waits").with("time", "kernels", "copies", "nothing");
            assertThat(waited.real(0, "time").orElseThrow()).isEqualTo(waits);
            Rows cost = AnalysisLibrary.run(session, "decode/observing").with("cost");
            assertThat(cost.real(0, "cost").orElseThrow()).isCloseTo(1 / 0.9 - 1, within(1e-6));
        }
    }
}
