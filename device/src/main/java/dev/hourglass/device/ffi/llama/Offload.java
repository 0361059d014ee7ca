package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Which tensors of a model go where.
///
/// @param gpuLayers layers on GPUs, counted from the last; more than there are for all
/// @param devices whether GPUs may be used at all
/// @param onCpu regular expressions of the names of tensors that stay in the CPU's memory
/// @param memory what kind of memory that is
public record Offload(int gpuLayers, boolean devices, List<String> onCpu, Memory memory) {
    /// As the library does without being told.
    public static final Offload NONE = new Offload(0, true, List.of(), Memory.MAPPED);

    /// All on the CPU, though the library could use a GPU.
    public static final Offload CPU = new Offload(0, false, List.of(), Memory.MAPPED);

    /// Memory of the CPU that holds weights.
    public enum Memory {
        /// The file, mapped.
        MAPPED,
        /// Pinned: fast to copy from.
        PINNED,
        /// Laid out anew for the CPU's vector units: fast to compute with.
        REPACKED
    }

    private static final int READ = 0;

    public Offload {
        onCpu = List.copyOf(onCpu);
    }

    /// Fills in the model's parameters. What they point at stays until the process ends.
    void write(MemorySegment params, LlamaLoader loader) {
        params.set(JAVA_INT, LlamaLayouts.Model.GPU_LAYERS, gpuLayers);
        if (!devices) {
            params.set(ADDRESS, LlamaLayouts.Model.DEVICES, Arena.global().allocate(ADDRESS));
        }
        if (!onCpu.isEmpty()) {
            params.set(ADDRESS, LlamaLayouts.Model.OVERRIDES, overrides(loader));
        }
        if (memory != Memory.MAPPED) {
            params.set(JAVA_INT, LlamaLayouts.Model.LOAD_MODE, READ);
        }
        if (memory == Memory.REPACKED) {
            params.set(JAVA_BYTE, LlamaLayouts.Model.NO_HOST, (byte) 1);
        }
    }

    /// Pairs of a text and a kind of buffer, the last of NULLs.
    private MemorySegment overrides(LlamaLoader loader) {
        MemorySegment kind = cpuBuffers(loader);
        long pair = 2 * ADDRESS.byteSize();
        MemorySegment list = Arena.global().allocate(pair * (onCpu.size() + 1), ADDRESS.byteAlignment());
        for (int i = 0; i < onCpu.size(); i++) {
            list.set(ADDRESS, i * pair, Arena.global().allocateFrom(onCpu.get(i)));
            list.set(ADDRESS, i * pair + ADDRESS.byteSize(), kind);
        }
        return list;
    }

    private static MemorySegment cpuBuffers(LlamaLoader loader) {
        try {
            // ggml_backend_buffer_type_t ggml_backend_cpu_buffer_type(void)
            return (MemorySegment) loader.find("ggml_backend_cpu_buffer_type", LlamaBindings.gives(ADDRESS))
                    .invokeExact();
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("ggml_backend_cpu_buffer_type failed", e);
        }
    }
}
