package dev.hourglass.core.export;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Sessions for tests of exports.
final class Sessions {
    /// A trace of what is hard to carry: kernels of one stream that overlap, one launch of several
    /// kernels, a slice without an end, an instant, counters, hostile names, arguments of every type.
    static final String TRACE = """
            {"schemaVersion": 1, "baseTimeNanoseconds": 1790857026000000000, "trace_id": "A<b>",
             "deviceProperties": [{"id": 0, "name": "NVIDIA H100 80GB HBM3", "numSms": 132}],
             "distributedInfo": {"backend": "nccl", "rank": 3, "world_size": 8},
             "traceEvents": [
             {"ph": "M", "name": "process_name", "pid": 467, "tid": 0, "args": {"name": "python3"}},
             {"ph": "M", "name": "process_labels", "pid": 467, "tid": 0, "args": {"labels": "CPU"}},
             {"ph": "M", "name": "process_name", "pid": 0, "tid": 0, "args": {"name": "python3"}},
             {"ph": "M", "name": "process_labels", "pid": 0, "tid": 0, "args": {"labels": "GPU 0"}},
             {"ph": "M", "name": "thread_name", "pid": 467, "tid": 467, "args": {"name": "main \\"<t>\\""}},
             {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 467, "tid": 467, "ts": 10.001, "dur": 20.5,
              "args": {"External id": 7, "Input Dims": [[2, 3], [3, 4]], "note": "quote \\" and \\\\ back", "share": 0.25, "big": 9007199254740993}},
             {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 467, "tid": 467, "ts": 12.000, "dur": 3, "args": {"correlation": 11, "External id": 7}},
             {"ph": "X", "cat": "cuda_runtime", "name": "cudaGraphLaunch", "pid": 467, "tid": 467, "ts": 40, "dur": 5, "args": {"correlation": 12}},
             {"ph": "X", "cat": "kernel", "name": "void gemm<float>(int)", "pid": 0, "tid": 7, "ts": 20.123, "dur": 10.001,
              "args": {"device": 0, "context": 1, "stream": 7, "correlation": 11, "External id": 7, "grid": [4, 19, 1], "block": [384, 1, 1], "registers per thread": 168}},
             {"ph": "X", "cat": "kernel", "name": "first", "pid": 0, "tid": 7, "ts": 50, "dur": 10, "args": {"device": 0, "stream": 7, "correlation": 12}},
             {"ph": "X", "cat": "kernel", "name": "overlaps", "pid": 0, "tid": 7, "ts": 55, "dur": 10, "args": {"device": 0, "stream": 7, "correlation": 12}},
             {"ph": "X", "cat": "kernel", "name": "third", "pid": 0, "tid": 7, "ts": 58, "dur": 10, "args": {"device": 0, "stream": 7, "correlation": 12}},
             {"ph": "X", "cat": "gpu_memcpy", "name": "Memcpy HtoD (Pinned -> Device)", "pid": 0, "tid": 9, "ts": 21, "dur": 1, "args": {"device": 0, "stream": 9, "bytes": 4096}},
             {"ph": "s", "id": 11, "cat": "ac2g", "name": "ac2g", "pid": 467, "tid": 467, "ts": 12.000},
             {"ph": "f", "bp": "e", "id": 11, "cat": "ac2g", "name": "ac2g", "pid": 0, "tid": 7, "ts": 20.123},
             {"ph": "i", "cat": "mark", "name": "<script>alert(1)</script>\\u001b[2J", "pid": 467, "tid": 467, "ts": 41, "s": "t"},
             {"ph": "B", "cat": "user", "name": "never ends; DROP TABLE", "pid": 467, "tid": 468, "ts": 60},
             {"ph": "C", "name": "queue", "pid": 467, "ts": 5.5, "args": {"value": 3}},
             {"ph": "C", "name": "queue", "pid": 467, "ts": 6.5, "args": {"value": 0.5}},
             {"ph": "X", "cat": "Trace", "name": "ünïcode 漢字", "pid": "Spans", "tid": "PyTorch Profiler", "ts": 1, "dur": 70}
            ]}
            """;

    private Sessions() {}

    /// Imports inputs into a new session.
    static Path imported(Path directory, String name, Path... inputs) throws IOException {
        Path session = Files.createDirectory(directory.resolve(name));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(Arrays.asList(inputs), session.resolve("session.duckdb"));
        return session;
    }

    static Path trace(Path directory) throws IOException {
        return imported(directory, "original", Files.writeString(directory.resolve("trace.json"), TRACE));
    }

    /// The answer to a query as lines.
    static List<String> lines(Path session, String sql) {
        try (Session opened = Session.open(session)) {
            return opened.query(sql).rows().stream().map(row -> row.toString()).toList();
        }
    }
}
