package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// Handles of the functions that a library exports.
@SuppressWarnings("restricted")
final class NvmlBindings implements NvmlCalls {
    private static final MethodType ANY = MethodType.methodType(int.class, Object[].class);

    private final Map<NvmlFunction, MethodHandle> handles = new EnumMap<>(NvmlFunction.class);
    private final Optional<MethodHandle> errorString;

    NvmlBindings(SymbolLookup library) {
        for (NvmlFunction function : NvmlFunction.values()) {
            library.find(function.symbol()).ifPresent(address -> handles.put(function, handle(address, function)));
        }
        // const char *nvmlErrorString(nvmlReturn_t result)
        this.errorString = library.find("nvmlErrorString")
                .map(address ->
                        Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ADDRESS, JAVA_INT)));
    }

    private static MethodHandle handle(MemorySegment address, NvmlFunction function) {
        MethodHandle exact = Linker.nativeLinker().downcallHandle(address, function.descriptor());
        return exact.asSpreader(Object[].class, exact.type().parameterCount()).asType(ANY);
    }

    @Override
    public int call(NvmlFunction function, Object... arguments) {
        MethodHandle handle = handles.get(function);
        if (handle == null) {
            return FUNCTION_NOT_FOUND;
        }
        try {
            return (int) handle.invokeExact(arguments);
        } catch (Throwable bug) {
            throw new AssertionError(function.symbol(), bug);
        }
    }

    @Override
    public String message(int code) {
        if (errorString.isEmpty()) {
            return "code " + code;
        }
        try {
            MemorySegment text = (MemorySegment) errorString.get().invokeExact(code);
            return text.equals(MemorySegment.NULL)
                    ? "code " + code
                    : text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable bug) {
            throw new AssertionError("nvmlErrorString", bug);
        }
    }
}
