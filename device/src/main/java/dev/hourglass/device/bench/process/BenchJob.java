package dev.hourglass.device.bench.process;

import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.Work;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What a process of benchmarks is asked to do.
///
/// @param kind what
/// @param device where: `cpu`, `gpu:0`
/// @param quick only what ceilings need, in little time
/// @param millis at most for one operator
/// @param items operators to time; of [Kind#KERNELS]
/// @param ceilings that are known of the device; none where they are to be measured first
public record BenchJob(Kind kind, String device, boolean quick, int millis, List<Item> items, List<Ceiling> ceilings) {

    /// What is wanted.
    public enum Kind {
        CEILINGS,
        KERNELS,
        OFFERS
    }

    public BenchJob {
        items = List.copyOf(items);
        ceilings = List.copyOf(ceilings);
    }

    /// One operator at one shape.
    ///
    /// @param reproduce command line that measures it again
    public record Item(String op, Map<String, Long> axes, String dtype, Work.Cache cache, String reproduce) {
        public Item {
            axes = Collections.unmodifiableMap(new LinkedHashMap<>(axes));
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeUTF(kind.name());
        out.writeUTF(device);
        out.writeBoolean(quick);
        out.writeInt(millis);
        out.writeInt(items.size());
        for (Item item : items) {
            out.writeUTF(item.op);
            out.writeUTF(item.dtype);
            out.writeUTF(item.cache.name());
            out.writeUTF(item.reproduce);
            writeAxes(item.axes, out);
        }
        out.writeInt(ceilings.size());
        for (Ceiling c : ceilings) {
            out.writeUTF(c.name());
            out.writeUTF(c.dtype());
            out.writeUTF(c.unit().name());
            out.writeDouble(c.value());
            out.writeDouble(c.more().busValue().orElse(Double.NaN));
        }
    }

    static BenchJob read(DataInput in) throws IOException {
        Kind kind = Kind.valueOf(in.readUTF());
        String device = in.readUTF();
        boolean quick = in.readBoolean();
        int millis = in.readInt();
        List<Item> items = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String op = in.readUTF();
            String dtype = in.readUTF();
            Work.Cache cache = Work.Cache.valueOf(in.readUTF());
            String reproduce = in.readUTF();
            items.add(new Item(op, readAxes(in), dtype, cache, reproduce));
        }
        List<Ceiling> ceilings = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            ceilings.add(ceiling(device, in));
        }
        return new BenchJob(kind, device, quick, millis, items, ceilings);
    }

    private static Ceiling ceiling(String device, DataInput in) throws IOException {
        String name = in.readUTF();
        String dtype = in.readUTF();
        Unit unit = Unit.valueOf(in.readUTF());
        double value = in.readDouble();
        double bus = in.readDouble();
        return Ceiling.known(
                name, device, dtype, value, unit, Double.isNaN(bus) ? OptionalDouble.empty() : OptionalDouble.of(bus));
    }

    static void writeAxes(Map<String, Long> axes, DataOutput out) throws IOException {
        out.writeInt(axes.size());
        for (Map.Entry<String, Long> axis : axes.entrySet()) {
            out.writeUTF(axis.getKey());
            out.writeLong(axis.getValue());
        }
    }

    static Map<String, Long> readAxes(DataInput in) throws IOException {
        Map<String, Long> axes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            axes.put(in.readUTF(), in.readLong());
        }
        return axes;
    }
}
