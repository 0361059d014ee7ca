package dev.hourglass.device.ffi.perf;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.IntConsumer;

/// The memory that the kernel writes an event's records into. One reader.
///
/// ```
/// page 0: 1024 data_head u64 (kernel writes) | 1032 data_tail u64 (reader writes)
/// then 2^n pages of records: type u32 | misc u16 | size u16 | body
///   9 sample: id u64 | pid u32 | tid u32 | time u64        2 lost: id u64 | lost u64
/// ```
public final class RingBuffer implements AutoCloseable {
    private static final long HEAD = 1024;
    private static final long TAIL = 1032;
    private static final int LOST = 2;
    private static final int SAMPLE = 9;
    private static final int MIN_RECORD = 8;
    private static final VarHandle LONG = MemoryLayout.structLayout(ValueLayout.JAVA_LONG)
            .varHandle(MemoryLayout.PathElement.groupElement(0))
            .withInvokeExactBehavior();

    private final MemorySegment mapped;
    private final MemorySegment data;
    private boolean closed;

    private RingBuffer(MemorySegment mapped, long pageBytes) {
        this.mapped = mapped;
        this.data = mapped.asSlice(pageBytes);
    }

    /// Who takes the records.
    public interface Records {
        /// @param id which event, see [PerfEvent#id()]
        /// @param tid thread
        /// @param ts CLOCK_MONOTONIC in nanoseconds
        void sample(long id, int tid, long ts);

        /// @param count records that found no room
        void lost(long count);
    }

    /// @param pages room for records in pages, a power of two
    /// @return empty with `errno` in `refusal` where the kernel grants none
    @SuppressWarnings("restricted")
    public static Optional<RingBuffer> map(PerfEvent event, int pages, long pageBytes, IntConsumer refusal) {
        long length = (1 + pages) * pageBytes;
        long address = PerfCalls.map(event.fd(), length);
        if (address < 0) {
            refusal.accept((int) -address);
            return Optional.empty();
        }
        return Optional.of(new RingBuffer(MemorySegment.ofAddress(address).reinterpret(length), pageBytes));
    }

    /// Hands over every record that has come since the last call.
    ///
    /// @return how many
    public int drain(Records to) {
        long head = (long) LONG.getAcquire(mapped, HEAD);
        long tail = (long) LONG.get(mapped, TAIL);
        int records = 0;
        while (tail < head) {
            int size = shortAt(tail + 6);
            if (size < MIN_RECORD) {
                tail = head;
                to.lost(1);
                break;
            }
            deliver(tail, to);
            tail += size;
            records++;
        }
        LONG.setRelease(mapped, TAIL, tail);
        return records;
    }

    private void deliver(long at, Records to) {
        switch ((int) longAt(at)) {
            case SAMPLE -> to.sample(longAt(at + 8), (int) (longAt(at + 16) >>> 32), longAt(at + 24));
            case LOST -> to.lost(longAt(at + 16));
            default -> {
                // throttling and the like say nothing about a probe
            }
        }
    }

    /// Records are multiples of 8 bytes long, so no field of 8 bytes is split by the end of the buffer.
    private long longAt(long position) {
        return data.get(ValueLayout.JAVA_LONG, position & (data.byteSize() - 1));
    }

    private int shortAt(long position) {
        return Short.toUnsignedInt(data.get(ValueLayout.JAVA_SHORT, position & (data.byteSize() - 1)));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            PerfCalls.unmap(mapped);
        }
    }
}
