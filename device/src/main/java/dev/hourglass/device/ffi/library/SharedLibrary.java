package dev.hourglass.device.ffi.library;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A vendor's library, or why there is none. Open ones stay open until the process ends.
public sealed interface SharedLibrary {
    /// It is loaded.
    ///
    /// @param place file, or the bare name where the system's loader found it
    record Open(String place, Symbols symbols) implements SharedLibrary {}

    /// It is not to be had.
    ///
    /// @param reason in one sentence, with where was looked
    record Missing(String reason) implements SharedLibrary {}

    /// Looks for a library under several names, newest first: by the system's loader, then below the user's
    /// directories.
    ///
    /// @param names file names, for example `libnvrtc.so.13`
    /// @param directories where else it may lie
    static SharedLibrary find(List<String> names, List<Path> directories) {
        List<String> failures = new ArrayList<>();
        for (String name : names) {
            Optional<Open> bySystem = open(name, failures);
            if (bySystem.isPresent()) {
                return bySystem.orElseThrow();
            }
            for (Path directory : directories) {
                Path file = directory.resolve(name);
                if (!file.toFile().isFile()) {
                    continue;
                }
                Optional<Open> there = open(file.toAbsolutePath().toString(), failures);
                if (there.isPresent()) {
                    return there.orElseThrow();
                }
            }
        }
        return new Missing(
                failures.isEmpty()
                        ? "no " + names.getFirst() + " on the system's library path nor in " + directories.size()
                                + " other places"
                        : String.join("; ", failures));
    }

    @SuppressWarnings("restricted")
    private static Optional<Open> open(String name, List<String> failures) {
        try {
            return Optional.of(new Open(name, new Symbols(SymbolLookup.libraryLookup(name, Arena.global()))));
        } catch (IllegalArgumentException e) {
            if (name.indexOf('/') >= 0) {
                failures.add(
                        "cannot load " + name + ": damaged, made for another system, or a library it needs is missing");
            }
            return Optional.empty();
        }
    }

    /// The functions of an open library.
    final class Symbols {
        private static final Linker LINKER = Linker.nativeLinker();
        private final SymbolLookup lookup;

        private Symbols(SymbolLookup lookup) {
            this.lookup = lookup;
        }

        /// Empty where the library exports none of these names: it is of another version.
        ///
        /// @param names of one function, newest first
        @SuppressWarnings("restricted")
        public Optional<MethodHandle> function(FunctionDescriptor type, String... names) {
            for (String name : names) {
                Optional<MethodHandle> handle = lookup.find(name).map(address -> LINKER.downcallHandle(address, type));
                if (handle.isPresent()) {
                    return handle;
                }
            }
            return Optional.empty();
        }
    }
}
