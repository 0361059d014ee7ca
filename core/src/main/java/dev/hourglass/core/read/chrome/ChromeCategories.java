package dev.hourglass.core.read.chrome;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// What the categories of a trace's events mean, by their number in the import's [Dictionary].
/// Shared by the threads of an import.
final class ChromeCategories {
    /// What an event is, and with that where its arguments go.
    enum Kind {
        KERNEL,
        MEMCPY,
        MEMSET,
        /// A call of the runtime or the driver.
        CALL,
        OP,
        PYTHON,
        MEMORY,
        OTHER;

        @SuppressWarnings("EnumOrdinal") // codes live in arrays for the length of one import
        private int code() {
            return ordinal();
        }

        /// Whether it runs on a GPU.
        boolean isDeviceWork() {
            return this == KERNEL || this == MEMCPY || this == MEMSET;
        }
    }

    private static final Kind[] KINDS = Kind.values();
    private static final int UNKNOWN = -1;
    private static final int FLOW = 64;

    private final Dictionary dictionary;
    private final Map<Arg, Integer> argNames = new EnumMap<>(Arg.class);
    private final int kernel;
    private final int memcpy;
    private final int memset;
    private final int op;
    /// Per number of a text: the kind, plus [#FLOW] for the flows that correlation tells as well.
    private volatile byte[] byText = new byte[0];
    private volatile byte[] byPid = new byte[0];

    ChromeCategories(Dictionary dictionary) {
        this.dictionary = dictionary;
        Dictionary.Local local = dictionary.local();
        kernel = local.intern(bytes("kernel"));
        memcpy = local.intern(bytes("gpu_memcpy"));
        memset = local.intern(bytes("gpu_memset"));
        op = local.intern(bytes("cpu_op"));
        for (Arg arg : Arg.VALUES) {
            argNames.put(arg, local.intern(bytes(arg.label())));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The kind of an event.
    ///
    /// @param category number of the category's text, or [Segment#NO_TEXT]
    /// @param pid number of the process's text; the oldest producers tell the kind by it alone
    /// @param onStream whether the event names a stream
    Kind kind(int category, int pid, boolean onStream) {
        if (category == Segment.NO_TEXT) {
            return pid == Segment.NO_TEXT ? Kind.OTHER : byPid(pid);
        }
        Kind kind = KINDS[code(category) & ~FLOW];
        return kind == Kind.OTHER && onStream && isWord(category, "Kernel") ? Kind.KERNEL : kind;
    }

    /// The category under which device work of every producer stands.
    int rename(int category, Kind kind) {
        return switch (kind) {
            case KERNEL -> kernel;
            case MEMCPY -> memcpy;
            case MEMSET -> memset;
            case OP -> category == Segment.NO_TEXT ? op : category;
            case CALL, PYTHON, MEMORY, OTHER -> category;
        };
    }

    /// Whether a flow of this category says what the correlation of calls and device work says too.
    boolean isCorrelationFlow(int category) {
        return category != Segment.NO_TEXT && (code(category) & FLOW) != 0;
    }

    /// The number of the text under which a known argument is kept where it has no column.
    int argName(Arg arg) {
        return java.util.Objects.requireNonNull(argNames.get(arg));
    }

    private boolean isWord(int text, String word) {
        return new String(dictionary.text(text), StandardCharsets.UTF_8).equals(word);
    }

    private Kind byPid(int pid) {
        byte[] known = byPid;
        if (pid < known.length && known[pid] != UNKNOWN) {
            return KINDS[known[pid]];
        }
        Kind kind = switch (new String(dictionary.text(pid), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT)) {
            case "cpu functions" -> Kind.OP;
            case "cuda functions" -> Kind.KERNEL;
            default -> Kind.OTHER;
        };
        byPid = with(byPid, pid, kind.code());
        return kind;
    }

    private int code(int category) {
        byte[] known = byText;
        if (category < known.length && known[category] != UNKNOWN) {
            return known[category];
        }
        int code = classify(new String(dictionary.text(category), StandardCharsets.UTF_8));
        byText = with(byText, category, code);
        return code;
    }

    private static byte[] with(byte[] old, int index, int value) {
        byte[] grown = java.util.Arrays.copyOf(old, Math.max(old.length, index + 1));
        java.util.Arrays.fill(grown, old.length, grown.length, (byte) UNKNOWN);
        grown[index] = (byte) value;
        return grown;
    }

    private static int classify(String category) {
        return switch (category) {
            case "kernel", "gpu_kernel" -> Kind.KERNEL.code();
            case "gpu_memcpy", "Memcpy" -> Kind.MEMCPY.code();
            case "gpu_memset", "Memset" -> Kind.MEMSET.code();
            case "cuda_runtime", "cuda_driver", "xpu_runtime", "xpu_driver", "mtia_runtime", "Runtime" ->
                Kind.CALL.code();
            case "cpu_op", "operator", "Operator" -> Kind.OP.code();
            case "python_function" -> Kind.PYTHON.code();
            case "cpu_instant_event" -> Kind.MEMORY.code();
            case "ac2g", "async_cpu_to_gpu" -> FLOW | Kind.OTHER.code();
            default -> Kind.OTHER.code();
        };
    }
}
