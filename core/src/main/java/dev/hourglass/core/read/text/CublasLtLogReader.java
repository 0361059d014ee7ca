package dev.hourglass.core.read.text;

import dev.hourglass.core.read.LogTime;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Log of cuBLASLt, as `CUBLASLT_LOG_LEVEL=5` or `CUBLASLT_LOG_MASK` write it: one row of `gemm` for
/// each product whose descriptors the log shows, which the level Trace does.
public final class CublasLtLogReader implements TraceReader {
    private static final Set<String> TRANSPOSED = Set.of("OP_T", "OP_C");

    /// Found by `ServiceLoader`.
    public CublasLtLogReader() {}

    @Override
    public String format() {
        return "cublaslt-log";
    }

    @Override
    public Match match(Head head) {
        boolean ours = head.text()
                .lines()
                .limit(20)
                .anyMatch(line -> CublasLtLine.parse(line).isPresent());
        return ours ? Match.YES : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                RowWriter row = new RowWriter(TraceTables.GEMM, sink)) {
            new Log(input, row).read();
        }
    }

    /// One log in reading.
    private static final class Log {
        private final TextInput input;
        private final RowWriter row;
        private long calls;
        private long products;
        private boolean timed;

        Log(TextInput input, RowWriter row) {
            this.input = input;
            this.row = row;
        }

        void read() throws IOException {
            for (String text = input.next(); text != null; text = input.next()) {
                Optional<CublasLtLine> line = CublasLtLine.parse(text);
                if (line.isPresent()) {
                    line(line.get(), CublasLtLine.isWhole(text) && input.ended());
                } else if (!text.isBlank()) {
                    other(text);
                }
            }
            input.context().stats().read("gemm", products);
            if (calls > products) {
                input.context()
                        .stats()
                        .count(
                                "product_without_shape",
                                Severity.NOTICE,
                                calls - products,
                                "level Api shows addresses only; set CUBLASLT_LOG_LEVEL=5");
            }
            input.context().clock(timed ? LogTime.clock(input.context()) : SourceClock.none());
        }

        private void other(String text) {
            if (!input.ended() || text.contains("[cublasLt]")) {
                input.lost();
            } else {
                input.foreign();
            }
        }

        private void line(CublasLtLine line, boolean whole) {
            if (!whole) {
                input.lost();
            } else if (!(line.function().startsWith("cublasLt")
                    && line.function().endsWith("Matmul"))) {
                input.context()
                        .stats()
                        .count("other_call", Severity.INFO, "calls that are no product, first " + line.function());
            } else if (line.value("Adesc.rows").isEmpty()) {
                calls++;
            } else {
                product(line);
            }
        }

        private void product(CublasLtLine line) {
            Gemm gemm = gemm(line);
            if (!gemm.hasShape()) {
                input.note("bad_number", Severity.DATA_LOSS);
            }
            row.set("source_id", input.context().sourceId()).set("sequence", products++);
            LogTime.parse(line.time(), input.context()).ifPresent(ts -> {
                timed = true;
                row.set("ts", ts);
            });
            gemm.write(row);
        }
    }

    private static Gemm gemm(CublasLtLine line) {
        boolean transposedA = TRANSPOSED.contains(line.value("computeDesc.transa"));
        return new Gemm()
                .set("library", "cublaslt")
                .set("function", line.function())
                .set("pid", line.process())
                .set("m", line.value("Ddesc.rows"))
                .set("n", line.value("Ddesc.cols"))
                .set("k", line.value(transposedA ? "Adesc.rows" : "Adesc.cols"))
                .set("batch", line.value("Ddesc.batchCount"))
                .set("trans_a", operation(line.value("computeDesc.transa")))
                .set("trans_b", operation(line.value("computeDesc.transb")))
                .set("a_type", line.value("Adesc.type"))
                .set("b_type", line.value("Bdesc.type"))
                .set("c_type", line.value("Cdesc.type"))
                .set("d_type", line.value("Ddesc.type"))
                .set("compute_type", line.value("computeDesc.computeType"))
                .set("scale_type", line.value("computeDesc.scaleType"))
                .set("algorithm", algorithm(line))
                .set("tile", line.value("algo.tile").replace("MATMUL_TILE_", ""))
                .set("epilogue", line.value("computeDesc.epilogue").replace("EPILOGUE_", ""))
                .set("workspace_bytes", line.value("workSpaceSizeInBytes"))
                .set("stream", line.value("stream"));
    }

    /// The parts of the algorithm that the log names, in the library's words.
    private static String algorithm(CublasLtLine line) {
        Map<String, String> parts = new LinkedHashMap<>();
        for (String key :
                new String[] {"algoId", "stages", "splitK", "reductionScheme", "swizzle", "customOption", "clusterShape"
                }) {
            String value =
                    line.value("algo." + key).replace("MATMUL_STAGES_", "").replace("CLUSTER_SHAPE_", "");
            if (!value.isEmpty()) {
                parts.put(key, value);
            }
        }
        return parts.entrySet().stream()
                .map(part -> part.getKey() + "=" + part.getValue())
                .collect(Collectors.joining(" "));
    }

    /// A descriptor that is not told otherwise multiplies untransposed, and the log leaves it out.
    private static String operation(String logged) {
        return logged.isEmpty() ? "N" : logged.replace("OP_", "");
    }
}
