package dev.hourglass.core.read.chrome;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Arguments of trace events that have a column of their own, with the names that producers use.
enum Arg {
    EXTERNAL_ID(Form.INTEGER, "External id", "external id"),
    CORRELATION(Form.INTEGER, "correlation"),
    DEVICE(Form.INTEGER, "device"),
    CONTEXT(Form.INTEGER, "context"),
    STREAM(Form.INTEGER, "stream"),
    QUEUED(Form.INTEGER, "queued"),
    REGISTERS(Form.INTEGER, "registers per thread"),
    SHARED(Form.INTEGER, "shared memory"),
    BLOCKS_PER_SM(Form.REAL, "blocks per SM"),
    WARPS_PER_SM(Form.REAL, "warps per SM"),
    GRID_X(Form.THREE, "grid"),
    GRID_Y(Form.INTEGER),
    GRID_Z(Form.INTEGER),
    BLOCK_X(Form.THREE, "block"),
    BLOCK_Y(Form.INTEGER),
    BLOCK_Z(Form.INTEGER),
    OCCUPANCY(Form.REAL, "est. achieved occupancy %"),
    GRAPH(Form.INTEGER, "graph id"),
    GRAPH_NODE(Form.INTEGER, "graph node id"),
    PRIORITY(Form.INTEGER, "priority"),
    BYTES(Form.INTEGER, "bytes"),
    BANDWIDTH(Form.REAL, "memory bandwidth (GB/s)"),
    SRC_DEVICE(Form.INTEGER, "fromDevice"),
    DST_DEVICE(Form.INTEGER, "toDevice"),
    COLLECTIVE(Form.TEXT, "Collective name"),
    PROCESS_GROUP(Form.TEXT, "Process Group Name"),
    MESSAGE_ELEMENTS(Form.INTEGER, "In msg nelems"),
    DTYPE(Form.TEXT, "dtype"),
    GROUP_SIZE(Form.INTEGER, "Group size"),
    INPUT_DIMS(Form.TEXT, "Input Dims", "Input dims"),
    INPUT_TYPES(Form.TEXT, "Input type"),
    INPUT_STRIDES(Form.TEXT, "Input Strides"),
    CONCRETE_INPUTS(Form.TEXT, "Concrete Inputs"),
    SEQUENCE(Form.INTEGER, "Sequence number"),
    MODULE(Form.TEXT, "Module Hierarchy"),
    STACK(Form.TEXT, "Call stack", "Call Stack"),
    FLOPS(Form.INTEGER, "flops"),
    PYTHON_ID(Form.INTEGER, "Python id"),
    PYTHON_PARENT(Form.INTEGER, "Python parent id"),
    PYTHON_MODULE(Form.INTEGER, "Python module id"),
    TOTAL_RESERVED(Form.INTEGER, "Total Reserved"),
    TOTAL_ALLOCATED(Form.INTEGER, "Total Allocated"),
    ADDRESS(Form.INTEGER, "Addr"),
    MEMORY_BYTES(Form.INTEGER, "Bytes"),
    DEVICE_TYPE(Form.INTEGER, "Device Type"),
    DEVICE_ID(Form.INTEGER, "Device Id"),
    NAME(Form.TEXT, "name"),
    LABELS(Form.TEXT, "labels"),
    SORT_INDEX(Form.INTEGER, "sort_index"),
    /// Bookkeeping of the producer that says nothing about the run.
    IGNORED(Form.IGNORED, "Ev Idx", "Record function id", "cbid", "finished", "Op count");

    /// How a value is held in 64 bits.
    enum Form {
        INTEGER,
        /// The bits of a double.
        REAL,
        /// A number of the dictionary; lists and objects as JSON.
        TEXT,
        /// A list of three integers, held in this slot and the next two.
        THREE,
        IGNORED
    }

    private final Form form;
    private final String[] names;

    Arg(Form form, String... names) {
        this.form = form;
        this.names = names;
    }

    Form form() {
        return form;
    }

    /// The first of the names that producers use.
    String label() {
        return names.length == 0 ? name().toLowerCase(Locale.ROOT) : names[0];
    }

    /// Position of the argument's value among all values.
    @SuppressWarnings("EnumOrdinal") // the values live in an array for the length of one event
    int slot() {
        return ordinal();
    }

    static final Arg[] VALUES = values();

    /// Finds arguments by the bytes of their name.
    static final Names<Arg> TABLE = table();

    private static Names<Arg> table() {
        Names<Arg> table = new Names<>();
        for (Arg arg : VALUES) {
            Arrays.stream(arg.names).forEach(name -> table.put(name, arg));
        }
        return table;
    }

    /// A fixed, small map from names to values that is asked with bytes and their hash.
    static final class Names<V> {
        private static final int SLOTS = 512;
        private final long[] hashes = new long[SLOTS];
        private final byte[][] names = new byte[SLOTS][];
        private final Object[] values = new Object[SLOTS];

        Names<V> put(String name, V value) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            long hash = Bytes.hash(bytes, 0, bytes.length);
            int slot = (int) hash & (SLOTS - 1);
            while (values[slot] != null) {
                slot = (slot + 1) & (SLOTS - 1);
            }
            hashes[slot] = hash;
            names[slot] = bytes;
            values[slot] = value;
            return this;
        }

        @SuppressWarnings("unchecked") // only values of V are put
        @Nullable
        V get(byte[] buffer, int from, int to, long hash) {
            int slot = (int) hash & (SLOTS - 1);
            while (values[slot] != null) {
                if (hashes[slot] == hash && Arrays.equals(names[slot], 0, names[slot].length, buffer, from, to)) {
                    return (V) values[slot];
                }
                slot = (slot + 1) & (SLOTS - 1);
            }
            return null;
        }
    }
}
