package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.function.DoublePredicate;

/// The library, loaded and started. One per process.
public final class Llama {
    /// Takes what the library logs.
    @FunctionalInterface
    public interface Log {
        /// @param level 1 debug, 2 info, 3 warning, 4 error, 5 continues the line before
        /// @param text may be a part of a line
        void line(int level, String text);
    }

    private static final FunctionDescriptor LOG = FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS);
    private static final FunctionDescriptor PROGRESS = FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_FLOAT, ADDRESS);

    private final LlamaLoader loader;
    private final LlamaBindings bindings;
    private final String version;
    private final LlamaLayouts layouts;

    private Llama(LlamaLoader loader, LlamaBindings bindings, String version, LlamaLayouts layouts) {
        this.loader = loader;
        this.bindings = bindings;
        this.version = version;
        this.layouts = layouts;
    }

    /// Loads the libraries and chooses the one that computes fastest on this CPU.
    ///
    /// @param directory holds the libraries for the CPUs
    /// @throws LlamaException if a library or a symbol is missing, or its layouts are not known
    public static Llama load(Path base, Path ggml, Path llama, Path directory, Log log) {
        LlamaLoader loader = new LlamaLoader(base, ggml, llama);
        LlamaBindings bindings = LlamaBindings.of(loader);
        try (Arena arena = Arena.ofConfined()) {
            bindings.logSet().invokeExact(logStub(log), MemorySegment.NULL);
            bindings.backendInit().invokeExact();
            bindings.loadAllFromPath().invokeExact(arena.allocateFrom(directory.toString()));
            String version =
                    LlamaBindings.text((MemorySegment) bindings.version().invokeExact());
            MemorySegment blob = arena.allocate(LlamaLayouts.BLOB);
            return new Llama(loader, bindings, version, LlamaLayouts.of(version, contextDefaults(bindings, blob)));
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("the engine's library does not start", e);
        }
    }

    /// As the library tells it.
    public String version() {
        return version;
    }

    /// How the struct layouts are known: `table` or `discovered`.
    public String layoutSource() {
        return layouts.source();
    }

    public String ggmlVersion() {
        try {
            return LlamaBindings.text((MemorySegment) bindings.ggmlVersion().invokeExact()) + " ("
                    + LlamaBindings.text((MemorySegment) bindings.ggmlCommit().invokeExact()) + ")";
        } catch (Throwable e) {
            throw new LlamaException("ggml_version failed", e);
        }
    }

    /// Which instruction sets the library uses here.
    public String systemInfo() {
        try {
            return LlamaBindings.text((MemorySegment) bindings.systemInfo().invokeExact())
                    .strip();
        } catch (Throwable e) {
            throw new LlamaException("llama_print_system_info failed", e);
        }
    }

    public Tensors tensors() {
        return new NativeTensors(bindings);
    }

    /// Loads a model.
    ///
    /// @param progress is told the loaded share from 0 to 1; false aborts
    /// @throws LlamaException if the library refuses it; why is in the log
    public LlamaModel model(Path file, DoublePredicate progress) {
        return model(file, Offload.NONE, progress);
    }

    /// Loads a model onto devices.
    ///
    /// @param offload what goes where
    /// @throws LlamaException as above, or if this version's fields that place a model are not known
    public LlamaModel model(Path file, Offload offload, DoublePredicate progress) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = (MemorySegment) bindings.modelDefaultParams().invokeExact((SegmentAllocator) arena);
            if (!offload.equals(Offload.NONE)) {
                place(params, offload);
            }
            if (layouts.progressCallback() >= 0) {
                params.set(ADDRESS, layouts.progressCallback(), progressStub(progress));
            }
            MemorySegment model = (MemorySegment)
                    bindings.modelLoadFromFile().invokeExact(arena.allocateFrom(file.toString()), params);
            if (model.equals(MemorySegment.NULL)) {
                throw new LlamaException("the engine cannot load the model");
            }
            return new LlamaModel(loader, bindings, layouts, model);
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("llama_model_load_from_file failed", e);
        }
    }

    private void place(MemorySegment params, Offload offload) {
        if (!layouts.places()) {
            throw new LlamaException("version " + version + " of the engine's library lays out where a model goes in a"
                    + " way that is not known here; the CPU alone works");
        }
        offload.write(params, loader);
    }

    private static MemorySegment contextDefaults(LlamaBindings bindings, MemorySegment blob) throws Throwable {
        return (MemorySegment) bindings.contextDefaultParams().invokeExact((SegmentAllocator) (_, _) -> blob);
    }

    private static MemorySegment logStub(Log log) throws ReflectiveOperationException {
        MethodHandle target = MethodHandles.lookup()
                .findStatic(
                        Llama.class,
                        "log",
                        MethodType.methodType(
                                void.class, Log.class, int.class, MemorySegment.class, MemorySegment.class));
        return LlamaLoader.stub(target.bindTo(log), LOG);
    }

    private static MemorySegment progressStub(DoublePredicate progress) throws ReflectiveOperationException {
        MethodHandle target = MethodHandles.lookup()
                .findStatic(
                        Llama.class,
                        "progress",
                        MethodType.methodType(boolean.class, DoublePredicate.class, float.class, MemorySegment.class));
        return LlamaLoader.stub(target.bindTo(progress), PROGRESS);
    }

    /// An exception that leaves an upcall ends the process, so none does.
    @SuppressWarnings({"unused", "CatchAndPrintStackTrace"})
    private static void log(Log log, int level, MemorySegment text, MemorySegment userData) {
        try {
            log.line(level, LlamaBindings.text(text));
        } catch (RuntimeException e) {
            e.printStackTrace();
        }
    }

    @SuppressWarnings("unused")
    private static boolean progress(DoublePredicate progress, float share, MemorySegment userData) {
        try {
            return progress.test(share);
        } catch (RuntimeException e) {
            return false;
        }
    }
}
