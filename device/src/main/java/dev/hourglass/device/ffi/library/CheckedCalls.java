package dev.hourglass.device.ffi.library;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;

/// Functions that return a status, 0 being success. Each call is checked.
public abstract class CheckedCalls {
    private final Symbols symbols;
    private final List<String> missing = new ArrayList<>();

    /// @param symbols of the library
    protected CheckedCalls(Symbols symbols) {
        this.symbols = symbols;
    }

    /// A function of the library; one that is not there is listed by [#missing] and must not be called.
    ///
    /// @param arguments of the C prototype
    /// @param names newest first
    protected final MethodHandle handle(List<? extends MemoryLayout> arguments, String... names) {
        FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, arguments.toArray(MemoryLayout[]::new));
        return symbols.function(type, names).orElseGet(() -> {
            missing.add(names[0]);
            return MethodHandles.empty(type.toMethodType());
        });
    }

    /// Functions that this version of the library lacks.
    public final List<String> missing() {
        return List.copyOf(missing);
    }

    /// A call whose result is a status.
    protected interface Call {
        @SuppressWarnings("IllegalThrows")
        int make() throws Throwable;
    }

    /// @param name of the function, for the error
    @SuppressWarnings("IllegalCatch")
    protected final void check(String name, Call call) {
        int status;
        try {
            status = call.make();
        } catch (Throwable bug) {
            throw new AssertionError(name, bug);
        }
        if (status != 0) {
            throw failure(name, status);
        }
    }

    /// The library's own exception.
    protected abstract RuntimeException failure(String name, int status);
}
