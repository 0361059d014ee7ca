package dev.hourglass.device.ffi.nvml;

/// The library's functions as they are called. A test may answer instead of a library.
public interface NvmlCalls {
    /// Success.
    int SUCCESS = 0;
    /// What the library says of a function that it does not have; here also of a symbol that it does not export.
    int FUNCTION_NOT_FOUND = 13;
    /// A list that holds more than there was room for.
    int INSUFFICIENT_SIZE = 7;

    /// Calls one.
    ///
    /// @param arguments as its prototype says: a `MemorySegment` for a pointer, an `Integer` for a number
    /// @return the library's code; [#FUNCTION_NOT_FOUND] where it exports no such function
    int call(NvmlFunction function, Object... arguments);

    /// The library's own words for a code.
    String message(int code);
}
