package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServedEngineTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vllm serve Qwen/Qwen3-30B-A3B | http://127.0.0.1:8000/metrics",
                "/opt/venv/bin/vllm serve M --port 8001 | http://127.0.0.1:8001/metrics",
                "python3 /opt/venv/bin/vllm serve M --port=8002 --host 0.0.0.0 | http://127.0.0.1:8002/metrics",
                "python -m vllm.entrypoints.openai.api_server --host :: --port 9 | http://[::1]:9/metrics",
                "vllm serve M --host 10.0.0.7 | http://10.0.0.7:8000/metrics",
                "vllm serve M --host fd00::7 | http://[fd00::7]:8000/metrics",
                "vllm serve M --port 1 --port 2 | http://127.0.0.1:2/metrics",
                "vllm serve M --port 99999 | http://127.0.0.1:8000/metrics",
                "python -m sglang.launch_server --model M | http://127.0.0.1:30000/metrics",
                "env CUDA_VISIBLE_DEVICES=1 ./llama-server -m M --port 8090 | http://127.0.0.1:8090/metrics"
            })
    void itsMetricsAreWhereItsCommandLineSays(String command, String address) {
        assertThat(ServedEngine.of(List.of(command.split(" "))).flatMap(ServedEngine::metrics).map(Object::toString))
                .contains(address);
    }

    @ParameterizedTest
    @CsvSource({"python offline.py", "vllm bench latency", "sleep 60", "grep vllm serve.log"})
    void whatIsNoServerIsNotTakenForOne(String command) {
        assertThat(ServedEngine.of(List.of(command.split(" ")))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"--uds /tmp/s, socket file", "--ssl-keyfile k.pem, TLS", "--host a<b, --host is no name"})
    void whatCannotBeScrapedSaysWhy(String option, String why) {
        Optional<ServedEngine> engine = ServedEngine.of(List.of(("vllm serve M " + option).split(" ")));

        assertThat(engine.flatMap(ServedEngine::metrics)).isEmpty();
        assertThat(engine.map(ServedEngine::why).orElse("")).contains(why);
    }

    @Test
    void gpusAreCalledAsTheAssignmentBeforeTheCommandSays() {
        EngineBeside assigned = new EngineBeside(
                List.of("env", "A=b", "CUDA_VISIBLE_DEVICES=2,3", "vllm", "serve"),
                Path.of("x"),
                Optional.of("0"));
        assertThat(assigned.gpus().visible()).contains("2,3");
        assertThat(new EngineBeside(List.of("vllm", "CUDA_VISIBLE_DEVICES=2"), Path.of("x"), Optional.of("0"))
                        .gpus()
                        .visible())
                .contains("0");
    }
}
