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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Log of cuBLAS, as `CUBLAS_LOGINFO_DBG=1` writes it: one row of `gemm` for each matrix product.
///
/// The library passes most products on to cuBLASLt, whose own log then shows the same product again.
public final class CublasLogReader implements TraceReader {
    private static final String LIBRARY = "cublas";
    private static final Map<String, String> TYPES =
            Map.of("S", "R_32F", "D", "R_64F", "C", "C_32F", "Z", "C_64F", "H", "R_16F");

    /// Found by `ServiceLoader`.
    public CublasLogReader() {}

    @Override
    public String format() {
        return "cublas-log";
    }

    @Override
    public Match match(Head head) {
        return head.text().lines().limit(20).anyMatch(line -> line.startsWith("I! cuBLAS (v")) ? Match.YES : Match.NO;
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
        private @Nullable CublasBlock block;
        private long products;
        private boolean timed;

        Log(TextInput input, RowWriter row) {
            this.input = input;
            this.row = row;
        }

        void read() throws IOException {
            for (String text = input.next(); text != null; text = input.next()) {
                Optional<CublasBlock> begun = CublasBlock.begin(text);
                if (begun.isPresent() && input.ended()) {
                    end(true);
                    block = begun.get();
                } else if (!text.isBlank() && (block == null || !input.ended() || !block.take(text))) {
                    other(text);
                }
            }
            end(false);
            input.context().stats().read("gemm", products);
            input.context().clock(timed ? LogTime.clock(input.context()) : SourceClock.none());
        }

        private void other(String text) {
            if (!input.ended() || text.startsWith("i!") || text.startsWith("I!")) {
                input.lost();
            } else {
                input.foreign();
            }
        }

        private void end(boolean followed) {
            CublasBlock ended = block;
            block = null;
            if (ended == null) {
                return;
            }
            if (ended.function().startsWith("cublasGemm")
                    || !type(ended.function()).isEmpty()) {
                product(ended, followed);
            } else {
                input.context()
                        .stats()
                        .count("other_call", Severity.INFO, "calls that are no product, first " + ended.function());
            }
        }

        private void product(CublasBlock call, boolean followed) {
            Gemm gemm = gemm(call);
            if (!gemm.hasShape()) {
                boolean cut = !followed && !call.value("m").isEmpty();
                input.context()
                        .stats()
                        .count(
                                cut ? "truncated" : "product_without_shape",
                                cut ? Severity.DATA_LOSS : Severity.NOTICE,
                                "before " + input.place() + ": " + call.function());
            }
            row.set("source_id", input.context().sourceId()).set("sequence", products++);
            OptionalLong ts = LogTime.parse(call.value("time"), input.context());
            timed |= ts.isPresent();
            ts.ifPresent(value -> row.set("ts", value));
            gemm.write(row);
        }
    }

    private static Gemm gemm(CublasBlock block) {
        String type = type(block.function());
        return new Gemm()
                .set("library", LIBRARY)
                .set("function", block.function())
                .set("pid", block.value("Process"))
                .set("tid", block.value("Thread"))
                .set("m", block.value("m"))
                .set("n", block.value("n"))
                .set("k", block.value("k"))
                .set("batch", block.value("batchCount"))
                .set("trans_a", block.value("transa").replace("OP_", ""))
                .set("trans_b", block.value("transb").replace("OP_", ""))
                .set("a_type", either(block.value("Atype"), type))
                .set("b_type", either(block.value("Btype"), type))
                .set("c_type", either(block.value("Ctype"), type))
                .set("d_type", either(block.value("Ctype"), type))
                .set("compute_type", block.value("computeType"))
                .set("algorithm", block.value("algo"))
                .set("stream", block.value("StreamId"));
    }

    /// The type that a letter before `gemm` names, as in `cublasSgemm`; empty for other functions.
    private static String type(String function) {
        boolean typed = function.startsWith(LIBRARY) && function.startsWith("gemm", LIBRARY.length() + 1);
        return typed ? TYPES.getOrDefault(function.substring(LIBRARY.length(), LIBRARY.length() + 1), "") : "";
    }

    private static String either(String first, String second) {
        return first.isEmpty() ? second : first;
    }
}
