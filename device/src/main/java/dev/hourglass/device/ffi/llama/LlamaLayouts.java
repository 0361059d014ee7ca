package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.Map;
import java.util.Optional;

/// Where fields lie in the library's structs.
///
/// Parameter structs grow and move between versions, so they travel in a [#BLOB] that is longer than
/// any of them: the library writes and reads only as much of it as it knows. A version of the table
/// is used if the defaults that the library fills in stand where the table expects them. Of any
/// other version the evaluation callback is searched by its surroundings:
/// ```
/// llama_context_params (0.5.0, 160 bytes)
///   0 u32 n_ctx = 512 | 4 u32 n_batch = 2048 | 8 u32 n_ubatch = 512 | 20 u32 n_outputs_max
///   …
///  88 cb_eval = NULL | 96 cb_eval_user_data = NULL | 104 type_k = F16 (1) | 108 type_v = F16 (1)
/// llama_model_params (0.5.0, 80 bytes)
///   0 devices | 8 tensor_buft_overrides | 16 i32 n_gpu_layers | 24 i32 load_mode
///  48 progress_callback | 56 its user data | 72 bools, 75 no_host
/// ```
///
/// @param evalCallback offset of `cb_eval` in the context's parameters; its user data follows
/// @param outputsMax offset of `n_outputs_max` there, or -1
/// @param progressCallback offset of `progress_callback` in the model's parameters, or -1
/// @param source `table` or `discovered`
record LlamaLayouts(int evalCallback, int outputsMax, int progressCallback, String source) {
    static final int BLOB_BYTES = 512;
    static final StructLayout BLOB = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(BLOB_BYTES / 8, JAVA_LONG));

    /// Of `llama_batch`: i32 n_tokens, padding, six pointers.
    static final StructLayout BATCH = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(7, JAVA_LONG));

    static final int N_CTX = 0;
    static final int N_BATCH = 4;
    static final int N_UBATCH = 8;

    /// Of `llama_model_params`, in the versions of the table.
    static final class Model {
        /// Devices, a list that ends with NULL; NULL for all.
        static final int DEVICES = 0;
        /// Where tensors go by their names, a list of pairs that ends with two NULLs.
        static final int OVERRIDES = 8;
        static final int GPU_LAYERS = 16;
        /// -1 maps the file, 0 reads it.
        static final int LOAD_MODE = 24;
        /// Whether memory of the CPU is not to be pinned: then it may be repacked.
        static final int NO_HOST = 75;

        private Model() {}
    }

    private static final int TYPE_F16 = 1;
    private static final Map<String, LlamaLayouts> TABLE = Map.of("0.5.0", new LlamaLayouts(88, 20, 48, "table"));

    /// The layouts of a library.
    ///
    /// @param version as the library tells it
    /// @param defaults the context's parameters as the library fills them in, in a blob that was zero
    /// @throws LlamaException if the version is not in the table and its layout cannot be told
    static LlamaLayouts of(String version, MemorySegment defaults) {
        Optional<Integer> found = discover(defaults);
        LlamaLayouts known = TABLE.get(version.replaceFirst("^v", "").replaceFirst("-.*", ""));
        if (known != null && found.isPresent() && found.get() == known.evalCallback()) {
            return known;
        }
        return found.filter(_ -> known == null)
                .map(offset -> new LlamaLayouts(offset, -1, -1, "discovered"))
                .orElseThrow(() -> new LlamaException("version " + version
                        + " of the engine's library lays its parameters out in a way that is not known here"));
    }

    /// Whether the fields that place a model on devices are known.
    boolean places() {
        return source.equals("table");
    }

    /// The callback is followed by its user data and by the two number formats of the KV cache.
    private static Optional<Integer> discover(MemorySegment defaults) {
        if (defaults.get(JAVA_INT, N_BATCH) <= 0 || defaults.get(JAVA_INT, N_UBATCH) <= 0) {
            return Optional.empty();
        }
        for (int k = 32; k < BLOB_BYTES - 8; k += 8) {
            boolean types = defaults.get(JAVA_INT, k) == TYPE_F16 && defaults.get(JAVA_INT, k + 4) == TYPE_F16;
            if (types && defaults.get(JAVA_LONG, k - 8) == 0 && defaults.get(JAVA_LONG, k - 16) == 0) {
                return Optional.of(k - 16);
            }
        }
        return Optional.empty();
    }

    /// `ggml_tensor`, unchanged since the end of 2024:
    /// ```
    /// 0 i32 type | 8 buffer | 16 i64 ne[4] | 48 u64 nb[4] | 80 i32 op
    /// 152 tensor *src[10] | 232 tensor *view_src | 248 void *data | 256 char name[64]
    /// ```
    static final class Tensor {
        static final int TYPE = 0;
        static final int BUFFER = 8;
        static final int VIEW_OF = 232;
        static final int SHAPE = 16;
        static final int STRIDES = 48;
        static final int SOURCES = 152;
        static final int MAX_SOURCES = 10;
        static final int DATA = 248;
        static final int NAME = 256;
        static final int NAME_BYTES = 64;

        private Tensor() {}
    }
}
