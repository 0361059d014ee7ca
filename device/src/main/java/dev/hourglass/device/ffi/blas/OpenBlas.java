package dev.hourglass.device.ffi.blas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The library's product of matrices of floats.
public final class OpenBlas {
    private static final List<String> NAMES = List.of("libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0");
    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;
    private static final long LONGEST = 256;

    private final MethodHandle sgemm;
    private final MethodHandle setThreads;
    private final String core;
    private final String version;

    private OpenBlas(SymbolLookup library) {
        Linker linker = Linker.nativeLinker();
        sgemm = handle(
                linker,
                library,
                "cblas_sgemm",
                FunctionDescriptor.ofVoid(
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_FLOAT,
                        ADDRESS,
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        JAVA_FLOAT,
                        ADDRESS,
                        JAVA_INT));
        setThreads = handle(linker, library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));
        core = text(linker, library, "openblas_get_corename");
        version = text(linker, library, "openblas_get_config");
    }

    /// The library as the system's loader finds it; empty where it does not, or where it lacks a function.
    @SuppressWarnings("restricted")
    public static Optional<OpenBlas> find() {
        for (String name : NAMES) {
            try {
                return Optional.of(new OpenBlas(SymbolLookup.libraryLookup(name, Arena.global())));
            } catch (IllegalArgumentException | java.util.NoSuchElementException absent) {
                // the next name
            }
        }
        return Optional.empty();
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(Linker linker, SymbolLookup library, String name, FunctionDescriptor type) {
        return linker.downcallHandle(library.findOrThrow(name), type);
    }

    /// `char *NAME(void)`
    @SuppressWarnings("restricted")
    private static String text(Linker linker, SymbolLookup library, String name) {
        MethodHandle handle = handle(linker, library, name, FunctionDescriptor.of(ADDRESS));
        try {
            MemorySegment text = (MemorySegment) handle.invokeExact();
            return text.reinterpret(LONGEST).getString(0, StandardCharsets.US_ASCII);
        } catch (Throwable bug) {
            throw new AssertionError(name, bug);
        }
    }

    /// The processor whose kernels it runs, which an environment variable may have chosen: `SkylakeX`, `Haswell`.
    public String core() {
        return core;
    }

    /// What it says of its version and build.
    public String version() {
        return version;
    }

    /// `void openblas_set_num_threads(int n)`
    public void threads(int n) {
        try {
            setThreads.invokeExact(n);
        } catch (Throwable bug) {
            throw new AssertionError("openblas_set_num_threads", bug);
        }
    }

    /// `C = A · B` of floats, row by row: `void cblas_sgemm(int order, int transA, int transB, int m, int n, int k,
    /// float alpha, float *a, int lda, float *b, int ldb, float beta, float *c, int ldc)`
    ///
    /// @param a m × k
    /// @param b k × n
    /// @param c m × n
    public void multiply(Shape shape, MemorySegment a, MemorySegment b, MemorySegment c) {
        try {
            sgemm.invokeExact(
                    ROW_MAJOR, AS_IT_IS, AS_IT_IS, shape.m, shape.n, shape.k, 1f, a, shape.k, b, shape.n, 0f, c,
                    shape.n);
        } catch (Throwable bug) {
            throw new AssertionError("cblas_sgemm", bug);
        }
    }

    /// Sizes of a product.
    public record Shape(int m, int n, int k) {}
}
