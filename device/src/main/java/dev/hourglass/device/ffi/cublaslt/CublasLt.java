package dev.hourglass.device.ffi.cublaslt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Matrix products on the device of the current context.
public final class CublasLt implements AutoCloseable {
    private static final List<String> NAMES = List.of("libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so");

    private final CublasLtCalls calls;
    private final MemorySegment library;

    private CublasLt(CublasLtCalls calls) {
        this.calls = calls;
        this.library = address(calls::create);
    }

    /// The library, or why there is none.
    public sealed interface Outcome {
        /// It is loaded; open it in the context in which it is to compute.
        record Ready(Loaded loaded) implements Outcome {}

        /// It is not.
        ///
        /// @param reason in one sentence
        record Absent(String reason) implements Outcome {}
    }

    /// A loaded library.
    public static final class Loaded {
        private final CublasLtCalls calls;
        private final String place;

        private Loaded(CublasLtCalls calls, String place) {
            this.calls = calls;
            this.place = place;
        }

        public String place() {
            return place;
        }

        /// In the current context.
        public CublasLt open() {
            return new CublasLt(calls);
        }
    }

    /// @param directories where it may lie beside the system's places
    public static Outcome find(List<Path> directories) {
        return switch (SharedLibrary.find(NAMES, directories)) {
            case SharedLibrary.Missing none -> new Outcome.Absent("no cuBLASLt: " + none.reason());
            case SharedLibrary.Open open -> {
                CublasLtCalls calls = new CublasLtCalls(open.symbols());
                yield calls.missing().isEmpty()
                        ? new Outcome.Ready(new Loaded(calls, open.place()))
                        : new Outcome.Absent(
                                "cuBLASLt at " + open.place() + " lacks " + String.join(", ", calls.missing()));
            }
        };
    }

    /// For example `cuBLASLt 13.1.1`.
    public String version() {
        long v = calls.version();
        return "cuBLASLt " + v / 10_000 + "." + v / 100 % 100 + "." + v % 100;
    }

    /// D = X·Wᵀ, as a linear layer has it: X of m rows, W of n rows, both of k columns, row after row.
    ///
    /// @param batch products beside each other, each with matrices of its own
    public Product linear(MatrixFormat format, long m, long n, long k, int batch) {
        return new Product(format, m, n, k, batch);
    }

    @Override
    public void close() {
        calls.destroy(library);
    }

    /// A product, described.
    public final class Product implements AutoCloseable {
        private static final int TRANSPOSE_A = 3;
        private static final int BATCH = 5;
        private static final int BATCH_STRIDE = 6;
        private static final int WORKSPACE = 1;
        private static final int TRANSPOSED = 1;
        private static final int RESULT_BYTES = 96;
        private static final int ALGORITHM_BYTES = 64;
        private static final int STATUS_AT = 72;

        private final Arena arena = Arena.ofShared();
        private final MemorySegment product;
        private final MemorySegment weights;
        private final MemorySegment inputs;
        private final MemorySegment outputs;
        private final MemorySegment one;
        private final MemorySegment zero;

        private Product(MatrixFormat format, long m, long n, long k, int batch) {
            product = address(out -> calls.productCreate(out, format.compute(), format.scaleType()));
            calls.productSet(product, TRANSPOSE_A, arena.allocateFrom(JAVA_INT, TRANSPOSED));
            weights = layout(format.type(), k, n, batch);
            inputs = layout(format.type(), k, m, batch);
            outputs = layout(format.resultType(), n, m, batch);
            one = format == MatrixFormat.INT8 ? arena.allocateFrom(JAVA_INT, 1) : arena.allocateFrom(JAVA_FLOAT, 1);
            zero = arena.allocate(JAVA_LONG);
        }

        private MemorySegment layout(int type, long rows, long columns, int batch) {
            MemorySegment layout = address(out -> calls.layoutCreate(out, type, rows, columns));
            if (batch > 1) {
                calls.layoutSet(layout, BATCH, arena.allocateFrom(JAVA_INT, batch));
                calls.layoutSet(layout, BATCH_STRIDE, arena.allocateFrom(JAVA_LONG, rows * columns));
            }
            return layout;
        }

        /// Ways to compute it that the library would try, its first choice first.
        ///
        /// @param most at most so many
        /// @param workspaceBytes that they may use
        public List<MemorySegment> algorithms(int most, long workspaceBytes) {
            MemorySegment preference = address(calls::preferenceCreate);
            try (Arena scratch = Arena.ofConfined()) {
                calls.preferenceSet(preference, WORKSPACE, scratch.allocateFrom(JAVA_LONG, workspaceBytes));
                MemorySegment results = scratch.allocate((long) most * RESULT_BYTES, JAVA_LONG.byteAlignment());
                MemorySegment returned = scratch.allocate(JAVA_INT);
                calls.heuristic(
                        new MemorySegment[] {library, product, weights, inputs, outputs, preference},
                        most,
                        results,
                        returned);
                return usable(results, returned.get(JAVA_INT, 0));
            } finally {
                calls.preferenceDestroy(preference);
            }
        }

        private List<MemorySegment> usable(MemorySegment results, int count) {
            List<MemorySegment> algorithms = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                MemorySegment result = results.asSlice((long) i * RESULT_BYTES, RESULT_BYTES);
                if (result.get(JAVA_INT, STATUS_AT) == 0) {
                    MemorySegment algorithm = arena.allocate(ALGORITHM_BYTES, JAVA_LONG.byteAlignment());
                    algorithms.add(algorithm.copyFrom(result.asSlice(0, ALGORITHM_BYTES)));
                }
            }
            return algorithms;
        }

        /// Gives it to a stream.
        ///
        /// @param at addresses on the device
        public void run(MemorySegment algorithm, Operands at, MemorySegment stream) {
            calls.multiply(
                    new MemorySegment[] {library, product, one, weights, inputs, zero, outputs, algorithm, stream},
                    new long[] {at.weights, at.inputs, at.outputs, at.workspace, at.workspaceBytes});
        }

        @Override
        public void close() {
            calls.productDestroy(product);
            calls.layoutDestroy(weights);
            calls.layoutDestroy(inputs);
            calls.layoutDestroy(outputs);
            arena.close();
        }
    }

    /// Addresses on the device.
    ///
    /// @param weights W
    /// @param inputs X
    /// @param outputs D
    /// @param workspace for the library
    /// @param workspaceBytes its size
    public record Operands(long weights, long inputs, long outputs, long workspace, long workspaceBytes) {}

    private static MemorySegment address(Consumer<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            call.accept(out);
            return out.get(ADDRESS, 0);
        }
    }
}
