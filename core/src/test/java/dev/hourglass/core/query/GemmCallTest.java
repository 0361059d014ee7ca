package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.ingest.TraceImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which shapes a product has, by the operator that was called and the shapes of its arguments.
final class GemmCallTest {
    /// @param dims as the profiler records them
    private record Product(String operator, String dims, long m, long n, long k, long batch) {}

    private static final List<Product> PRODUCTS = List.of(
            new Product("aten::mm", "[[512, 2048], [2048, 4096]]", 512, 4096, 2048, 1),
            new Product("aten::_int_mm", "[[32, 2048], [2048, 4096]]", 32, 4096, 2048, 1),
            new Product("aten::addmm", "[[4096], [512, 2048], [2048, 4096], [], []]", 512, 4096, 2048, 1),
            new Product("aten::addmm_", "[[8, 16], [8, 64], [64, 16], [], []]", 8, 16, 64, 1),
            new Product("aten::_addmm_activation", "[[16], [8, 64], [64, 16], [], [], []]", 8, 16, 64, 1),
            new Product("aten::bmm", "[[16, 512, 128], [16, 128, 512]]", 512, 512, 128, 16),
            new Product("aten::baddbmm", "[[16, 5, 7], [16, 5, 12], [16, 12, 7]]", 5, 7, 12, 16),
            new Product("aten::mv", "[[512, 2048], [2048]]", 512, 1, 2048, 1),
            new Product("aten::addmv_", "[[512], [512, 2048], [2048], [], []]", 512, 1, 2048, 1),
            new Product("aten::linear", "[[2, 256, 2048], [4096, 2048], []]", 512, 4096, 2048, 1));

    @TempDir
    private Path folder;

    @Test
    void shapesFollowFromTheArguments() throws IOException {
        List<String> events = new ArrayList<>();
        List<List<Object>> expected = new ArrayList<>();
        for (Product product : PRODUCTS) {
            events.add(events(product, events.size() + 1));
            long flops = 2 * product.m * product.n * product.k * product.batch;
            expected.add(List.of(product.operator, product.m, product.n, product.k, product.batch, flops, 10_000L));
        }
        Path trace = Files.writeString(
                folder.resolve("trace.json"), "{\"traceEvents\": [" + String.join(",", events) + "]}");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace), folder.resolve("session.duckdb"));
        try (Session opened = Session.open(folder)) {
            Rows calls = opened.query("SELECT operator, m, n, k, batch, flops, dur FROM gemm_call ORDER BY ts");
            assertThat(calls.rows()).isEqualTo(expected);
        }
    }

    private static String events(Product product, int number) {
        return String.format(Locale.ROOT, """
                {"ph": "X", "cat": "cpu_op", "name": "%1$s", "pid": 1, "tid": 1, "ts": %3$d01, "dur": 50,
                 "args": {"External id": %3$d, "Input Dims": %2$s, "Input type": ["c10::BFloat16"]}},
                {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": 1, "ts": %3$d02, "dur": 1,
                 "args": {"External id": %3$d, "correlation": %3$d}},
                {"ph": "X", "cat": "kernel", "name": "gemm", "pid": 0, "tid": 7, "ts": %3$d04, "dur": 10,
                 "args": {"External id": %3$d, "correlation": %3$d, "device": 0, "stream": 7}}
                """, product.operator, product.dims, number);
    }
}
