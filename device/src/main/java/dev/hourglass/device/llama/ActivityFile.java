package dev.hourglass.device.llama;

import dev.hourglass.core.read.cupti.ActivityFacts;
import dev.hourglass.core.read.cupti.DeviceTimeline;
import dev.hourglass.core.read.cupti.ProcessActivities;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The activities of a GPU as the engine's process leaves them: CUPTI's buffers as they came, and what is needed to
/// understand them. Decoded when the run is over.
///
/// ```
/// 'P' i64 process
/// 'F' i64 version, u16 sizes × (i32 kind, i32 bytes), u16 names × (i32 number, utf)
/// 'N' i64 pointer, utf                      a kernel's name
/// 'M' i64 ts, i64 device, i64 lost          a moment by both clocks
/// 'S' i64 thread, i64 ts, i64 end, utf      a step
/// 'B' i32 length, bytes                     records
/// ```
final class ActivityFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int LARGEST = 64 << 20;

    private final DataOutputStream out;

    private ActivityFile(DataOutputStream out) {
        this.out = out;
    }

    /// Makes the file, or goes on with one that is there.
    static ActivityFile create(Path path, long process) throws IOException {
        ActivityFile file =
                new ActivityFile(new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), BUFFER)));
        file.out.writeByte('P');
        file.out.writeLong(process);
        return file;
    }

    void facts(ActivityFacts facts) throws IOException {
        out.writeByte('F');
        out.writeLong(facts.version());
        out.writeShort(facts.sizes().size());
        for (Map.Entry<Integer, Integer> size : facts.sizes().entrySet()) {
            out.writeInt(size.getKey());
            out.writeInt(size.getValue());
        }
        out.writeShort(facts.runtime().size());
        for (Map.Entry<Integer, String> name : facts.runtime().entrySet()) {
            out.writeInt(name.getKey());
            out.writeUTF(name.getValue());
        }
    }

    void name(long pointer, String text) throws IOException {
        out.writeByte('N');
        out.writeLong(pointer);
        out.writeUTF(text.length() > Message.MAX_TEXT ? text.substring(0, Message.MAX_TEXT) : text);
    }

    void moment(long ts, long device, long lost) throws IOException {
        out.writeByte('M');
        out.writeLong(ts);
        out.writeLong(device);
        out.writeLong(lost);
    }

    void step(long thread, long ts, long end, String name) throws IOException {
        out.writeByte('S');
        out.writeLong(thread);
        out.writeLong(ts);
        out.writeLong(end);
        out.writeUTF(name);
    }

    void records(MemorySegment records) throws IOException {
        out.writeByte('B');
        out.writeInt((int) records.byteSize());
        out.write(records.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /// Hands everything to a timeline; of a file that was cut off what is whole.
    ///
    /// @param name of the process, for people
    static void read(Path path, DeviceTimeline timeline, String name) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER))) {
            new Reading(in, timeline, name).all();
        } catch (EOFException end) {
            // The end, or where its writer died.
            return;
        }
    }

    /// One pass over a file.
    private static final class Reading {
        private final DataInputStream in;
        private final DeviceTimeline timeline;
        private final String name;
        private long pid;
        private @Nullable ProcessActivities into;

        Reading(DataInputStream in, DeviceTimeline timeline, String name) {
            this.in = in;
            this.timeline = timeline;
            this.name = name;
        }

        void all() throws IOException {
            while (true) {
                one(in.readByte());
            }
        }

        private ProcessActivities activities() throws IOException {
            if (into == null) {
                throw new IOException("the file of activities begins in no process");
            }
            return into;
        }

        private void one(byte kind) throws IOException {
            switch (kind) {
                case 'P' -> {
                    pid = in.readLong();
                    into = timeline.process(pid, name);
                }
                case 'F' -> activities().facts(facts());
                case 'N' -> activities().name(in.readLong(), in.readUTF());
                case 'M' -> activities().moment(in.readLong(), in.readLong(), in.readLong());
                case 'S' -> timeline.step(pid, in.readLong(), in.readLong(), in.readLong(), in.readUTF());
                case 'B' -> activities().take(ByteBuffer.wrap(records()));
                default -> throw new IOException("the file of activities holds something unknown: " + kind);
            }
        }

        private byte[] records() throws IOException {
            int length = in.readInt();
            if (length < 0 || length > LARGEST) {
                throw new IOException("the file of activities tells a buffer of " + length + " bytes");
            }
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            return bytes;
        }

        private ActivityFacts facts() throws IOException {
            long version = in.readLong();
            Map<Integer, Integer> sizes = new HashMap<>();
            for (int i = in.readUnsignedShort(); i > 0; i--) {
                sizes.put(in.readInt(), in.readInt());
            }
            Map<Integer, String> names = new HashMap<>();
            for (int i = in.readUnsignedShort(); i > 0; i--) {
                names.put(in.readInt(), in.readUTF());
            }
            return new ActivityFacts(version, sizes, names, Map.of());
        }
    }
}
