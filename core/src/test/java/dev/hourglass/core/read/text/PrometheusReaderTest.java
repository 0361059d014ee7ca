package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Snapshots written after the engines' documented names, not by the engines.
final class PrometheusReaderTest {
    private static final String[] METRIC = {"ts", "snapshot", "name", "type", "engine", "meaning", "value"};

    @Test
    void readsSnapshotsOfVllm() {
        Imported prom = Imported.of(
                new PrometheusReader(), "vllm.prom", Imported.resource("/golden/prometheus-vllm/vllm.prom"));

        assertThat(prom.table(TraceTables.METRIC, METRIC))
                .containsExactly(
                        "1795303224500000000 | 0 | vllm:num_requests_running | gauge | vllm | requests_running | 3.0",
                        "1795303224500000000 | 0 | vllm:kv_cache_usage_perc | gauge | vllm | kv_usage | 0.25",
                        "1795303224500000000 | 0 | vllm:num_preemptions_total | counter | vllm | preemptions | 9.0",
                        "1795303224500000000 | 0 | vllm:time_to_first_token_seconds_bucket | histogram | vllm | ttft | 0.0",
                        "1795303224500000000 | 0 | vllm:time_to_first_token_seconds_bucket | histogram | vllm | ttft | 12.0",
                        "1795303224500000000 | 0 | vllm:time_to_first_token_seconds_count | histogram | vllm | ttft | 12.0",
                        "1795303224500000000 | 0 | vllm:time_to_first_token_seconds_sum | histogram | vllm | ttft | 0.1234",
                        "1795303224500000000 | 0 | vllm:iteration_tokens_total_sum | histogram | vllm | step_tokens | 2640.0",
                        "1795303224500000000 | 0 | vllm:unheard_of | untyped | vllm | - | 1.0",
                        "1795303224500000000 | 0 | python_gc_objects_collected_total | untyped | - | - | -",
                        "1795303225500000000 | 1 | vllm:num_requests_running | gauge | vllm | requests_running | 4.0");
        assertThat(prom.table(TraceTables.METRIC, "labels").getFirst())
                .isEqualTo("{\"engine\":\"0\",\"model_name\":\"a \\\"b\\\"\\\\c\"}");
        assertThat(prom.losses()).containsExactly("notice non_finite_value 1");
    }

    @Test
    void readsSnapshotsOfSglangAndLlamaCpp() {
        assertThat(Imported.of(
                                new PrometheusReader(),
                                "sglang.prom",
                                Imported.resource("/golden/prometheus-sglang/sglang.prom"))
                        .table(TraceTables.METRIC, METRIC))
                .containsExactly(
                        "1795303224500000000 | 0 | sglang:num_running_reqs | gauge | sglang | requests_running | 2.0",
                        "1795303224500000000 | 0 | sglang:token_usage | gauge | sglang | kv_usage | 0.5",
                        "1795303224500000000 | 0 | sglang:num_queue_reqs | untyped | sglang | requests_waiting | 1.0",
                        "1795303225500000000 | 1 | sglang:num_queue_reqs | untyped | sglang | requests_waiting | 0.0");
        assertThat(Imported.of(
                                new PrometheusReader(),
                                "llamacpp.prom",
                                Imported.resource("/golden/prometheus-llamacpp/llamacpp.prom"))
                        .table(TraceTables.METRIC, METRIC))
                .containsExactly(
                        "- | 0 | llamacpp:prompt_tokens_total | counter | llama.cpp | prompt_tokens | 21.0",
                        "- | 0 | llamacpp:tokens_predicted_seconds_total | counter | llama.cpp | decode_time | 1.5",
                        "- | 0 | llamacpp:requests_processing | gauge | llama.cpp | requests_running | 1.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node_load1 0.5\n",
                "a:b 1\n",
                "up{job=\"x\"} 1 1795303224123\nup{job=\"y\"} +Inf\n",
                "# x\n\na_b NaN"
            })
    void knowsSamplesWithoutDeclaredTypes(String text) {
        assertThat(found(text)).contains("prometheus");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# only a comment\n",
                "up 1\n",
                "hidden_size: 4096\nlayers: 2\n",
                "a_b 1\nsome words of a log\n",
                "a_b 1 2 3\n",
                "MemTotal: 16 kB\n",
                "a_b yes\n"
            })
    void doesNotTakeEveryTextForSamples(String text) {
        assertThat(found(text)).isEmpty();
    }

    private static Optional<String> found(String text) {
        return Readers.find(Imported.head("metrics.txt", text.getBytes(StandardCharsets.UTF_8)))
                .map(TraceReader::format);
    }

    @Test
    void countsValuesThatAreNotFinite() {
        Imported prom = Imported.of(
                new PrometheusReader(), "foo_total{x=\"1\"} 5 1795303224123\nfoo_total{x=\"2\"} +Inf\nfoo_total NaN\n");

        assertThat(prom.table(TraceTables.METRIC, "ts", "name", "type", "value"))
                .containsExactly(
                        "1795303224123000000 | foo_total | untyped | 5.0",
                        "- | foo_total | untyped | -",
                        "- | foo_total | untyped | -");
        assertThat(prom.loss("non_finite_value")).hasValueSatisfying(loss -> {
            assertThat(loss.severity()).isEqualTo(Severity.NOTICE);
            assertThat(loss.count()).isEqualTo(2);
            assertThat(loss.place()).startsWith("line 2,");
        });
    }

    @Test
    void countsTimesThatAreNone() {
        Imported prom = Imported.of(
                new PrometheusReader(),
                "a_b 1 yesterday\na_c 2 99999999999999999999\n# scraped_at soon\na_b 3\n# scraped_at 5\na_b 4\n");

        assertThat(prom.table(TraceTables.METRIC, "ts", "snapshot", "name", "value"))
                .containsExactly(
                        "- | 0 | a_b | 1.0", "- | 0 | a_c | 2.0", "- | 1 | a_b | 3.0", "5000000000 | 2 | a_b | 4.0");
        assertThat(prom.losses()).containsExactly("data_loss bad_time 3");
    }

    @Test
    void readsQuotedNamesAndExemplarsAndCountsDamage() {
        Imported prom = Imported.of(
                new PrometheusReader(),
                "# TYPE a counter\n{\"a.b\",l=\"x\"} 1 # {trace=\"7\"} 0.5\na{l=\"x} 2\na{l=\"\\n\u0007\"} +Inf\na 12a\na 1");

        assertThat(prom.table(TraceTables.METRIC, "name", "labels", "value"))
                .containsExactly("a.b | {\"l\":\"x\"} | 1.0", "a | {\"l\":\"\\u000a\uFFFD\"} | -", "a | {} | 1.0");
        assertThat(prom.losses())
                .containsExactly(
                        "data_loss damaged_line 2",
                        "notice non_finite_value 1",
                        "notice last_line_unended 1",
                        "notice repaired_text 1");
    }
}
