package dev.hourglass.device.ffi.cublaslt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.library.CheckedCalls;
import dev.hourglass.device.ffi.library.NativeText;
import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// The library's functions. Every one checks what it returns.
final class CublasLtCalls extends CheckedCalls {
    /// `cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)`
    private final MethodHandle create;

    /// `cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)`
    private final MethodHandle destroy;

    /// `cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *desc, cublasComputeType_t compute,
    /// cudaDataType_t
    /// scale)`
    private final MethodHandle productCreate;

    /// `cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc)`
    private final MethodHandle productDestroy;

    /// `cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t
    /// attribute,
    /// const void *value, size_t bytes)`
    private final MethodHandle productSet;

    /// `cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout, cudaDataType type, uint64_t rows,
    /// uint64_t columns, int64_t leading)`
    private final MethodHandle layoutCreate;

    /// `cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout)`
    private final MethodHandle layoutDestroy;

    /// `cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
    /// cublasLtMatrixLayoutAttribute_t attribute, const void *value, size_t bytes)`
    private final MethodHandle layoutSet;

    /// `cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)`
    private final MethodHandle preferenceCreate;

    /// `cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)`
    private final MethodHandle preferenceDestroy;

    /// `cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
    /// cublasLtMatmulPreferenceAttributes_t attribute, const void *value, size_t bytes)`
    private final MethodHandle preferenceSet;

    /// `cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
    /// cublasLtMatrixLayout_t a, b, c, d, cublasLtMatmulPreference_t preference, int requested,
    /// cublasLtMatmulHeuristicResult_t *results, int *returned)`
    private final MethodHandle heuristic;

    /// `cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc, const void *alpha, const
    /// void
    /// *A,
    /// cublasLtMatrixLayout_t a, const void *B, cublasLtMatrixLayout_t b, const void *beta, const void *C,
    /// cublasLtMatrixLayout_t c, void *D, cublasLtMatrixLayout_t d, const cublasLtMatmulAlgo_t *algorithm,
    /// void *workspace, size_t workspaceBytes, cudaStream_t stream)`
    private final MethodHandle multiply;

    /// `const char *cublasLtGetStatusString(cublasStatus_t status)`
    private final Optional<MethodHandle> statusString;

    /// `size_t cublasLtGetVersion(void)`
    private final Optional<MethodHandle> version;

    CublasLtCalls(Symbols symbols) {
        super(symbols);
        create = handle(List.of(ADDRESS), "cublasLtCreate");
        destroy = handle(List.of(ADDRESS), "cublasLtDestroy");
        productCreate = handle(List.of(ADDRESS, JAVA_INT, JAVA_INT), "cublasLtMatmulDescCreate");
        productDestroy = handle(List.of(ADDRESS), "cublasLtMatmulDescDestroy");
        productSet = handle(List.of(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG), "cublasLtMatmulDescSetAttribute");
        layoutCreate =
                handle(List.of(ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG), "cublasLtMatrixLayoutCreate");
        layoutDestroy = handle(List.of(ADDRESS), "cublasLtMatrixLayoutDestroy");
        layoutSet = handle(List.of(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG), "cublasLtMatrixLayoutSetAttribute");
        preferenceCreate = handle(List.of(ADDRESS), "cublasLtMatmulPreferenceCreate");
        preferenceDestroy = handle(List.of(ADDRESS), "cublasLtMatmulPreferenceDestroy");
        preferenceSet = handle(List.of(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG), "cublasLtMatmulPreferenceSetAttribute");
        heuristic = handle(
                List.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS),
                "cublasLtMatmulAlgoGetHeuristic");
        multiply = handle(
                List.of(
                        ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS,
                        JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS),
                "cublasLtMatmul");
        statusString = symbols.function(FunctionDescriptor.of(ADDRESS, JAVA_INT), "cublasLtGetStatusString");
        version = symbols.function(FunctionDescriptor.of(JAVA_LONG), "cublasLtGetVersion");
    }

    void create(MemorySegment out) {
        check("cublasLtCreate", () -> (int) create.invokeExact(out));
    }

    void destroy(MemorySegment library) {
        check("cublasLtDestroy", () -> (int) destroy.invokeExact(library));
    }

    void productCreate(MemorySegment out, int compute, int scale) {
        check("cublasLtMatmulDescCreate", () -> (int) productCreate.invokeExact(out, compute, scale));
    }

    void productDestroy(MemorySegment product) {
        check("cublasLtMatmulDescDestroy", () -> (int) productDestroy.invokeExact(product));
    }

    void productSet(MemorySegment product, int attribute, MemorySegment value) {
        long bytes = value.byteSize();
        check("cublasLtMatmulDescSetAttribute", () -> (int) productSet.invokeExact(product, attribute, value, bytes));
    }

    void layoutCreate(MemorySegment out, int type, long rows, long columns) {
        check("cublasLtMatrixLayoutCreate", () -> (int) layoutCreate.invokeExact(out, type, rows, columns, rows));
    }

    void layoutDestroy(MemorySegment layout) {
        check("cublasLtMatrixLayoutDestroy", () -> (int) layoutDestroy.invokeExact(layout));
    }

    void layoutSet(MemorySegment layout, int attribute, MemorySegment value) {
        long bytes = value.byteSize();
        check("cublasLtMatrixLayoutSetAttribute", () -> (int) layoutSet.invokeExact(layout, attribute, value, bytes));
    }

    void preferenceCreate(MemorySegment out) {
        check("cublasLtMatmulPreferenceCreate", () -> (int) preferenceCreate.invokeExact(out));
    }

    void preferenceDestroy(MemorySegment preference) {
        check("cublasLtMatmulPreferenceDestroy", () -> (int) preferenceDestroy.invokeExact(preference));
    }

    void preferenceSet(MemorySegment preference, int attribute, MemorySegment value) {
        long bytes = value.byteSize();
        check("cublasLtMatmulPreferenceSetAttribute", () ->
                (int) preferenceSet.invokeExact(preference, attribute, value, bytes));
    }

    /// @param p library, product, layouts of A, B and D, preference
    void heuristic(MemorySegment[] p, int requested, MemorySegment results, MemorySegment returned) {
        MemorySegment library = p[0];
        MemorySegment product = p[1];
        MemorySegment a = p[2];
        MemorySegment b = p[3];
        MemorySegment d = p[4];
        MemorySegment preference = p[5];
        check("cublasLtMatmulAlgoGetHeuristic", () ->
                (int) heuristic.invokeExact(library, product, a, b, d, d, preference, requested, results, returned));
    }

    /// D = A·B of a product whose factors are `one` and `zero`.
    ///
    /// @param p library, product, one, layout of A, layout of B, zero, layout of D, algorithm, stream
    /// @param at addresses of A, B, D and the workspace, and its size in bytes
    void multiply(MemorySegment[] p, long[] at) {
        MemorySegment library = p[0];
        MemorySegment product = p[1];
        MemorySegment one = p[2];
        MemorySegment a = p[3];
        MemorySegment b = p[4];
        MemorySegment zero = p[5];
        MemorySegment d = p[6];
        MemorySegment algorithm = p[7];
        MemorySegment stream = p[8];
        long addressA = at[0];
        long addressB = at[1];
        long addressD = at[2];
        long workspace = at[3];
        long bytes = at[4];
        check("cublasLtMatmul", () -> (int) multiply.invokeExact(
                library, product, one, addressA, a, addressB, b, zero, addressD, d, addressD, d, algorithm, workspace,
                bytes, stream));
    }

    /// For example 130101; 0 where it does not tell.
    @SuppressWarnings("IllegalCatch")
    long version() {
        if (version.isEmpty()) {
            return 0;
        }
        try {
            return (long) version.orElseThrow().invokeExact();
        } catch (Throwable bug) {
            throw new AssertionError("cublasLtGetVersion", bug);
        }
    }

    @Override
    protected RuntimeException failure(String name, int status) {
        return new CudaException(name, status, text(status));
    }

    @SuppressWarnings("IllegalCatch")
    private String text(int status) {
        if (statusString.isEmpty()) {
            return "the library has no text for this code";
        }
        try {
            return NativeText.of((MemorySegment) statusString.orElseThrow().invokeExact(status));
        } catch (Throwable bug) {
            throw new AssertionError("cublasLtGetStatusString", bug);
        }
    }
}
