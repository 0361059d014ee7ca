package dev.hourglass.device.ffi.cupti;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// The buffers that CUPTI fills. It asks for them, and gives them back, on threads of its own: neither call waits for
/// anything or throws.
public final class Buffers {
    private static final long BYTES = 4L << 20;
    private static final int ALIGNMENT = 8;
    private static final int AT_ONCE = 4;
    /// No more memory than 512 MiB: what comes then is lost, and counted.
    static final int MOST = 128;

    private static final FunctionDescriptor REQUESTED = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS);
    private static final FunctionDescriptor COMPLETED =
            FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

    private final Queue<MemorySegment> free = new ConcurrentLinkedQueue<>();
    private final Map<Long, MemorySegment> lent = new ConcurrentHashMap<>();
    private final Queue<Filled> filled = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean keeping;

    /// A buffer with records.
    ///
    /// @param buffer as it was lent
    /// @param valid how many of its bytes are records
    public record Filled(MemorySegment buffer, long valid) {
        /// The records.
        public MemorySegment bytes() {
            return buffer.asSlice(0, valid);
        }
    }

    Buffers() {
        for (int i = 0; i < AT_ONCE; i++) {
            make().ifPresent(free::add);
        }
    }

    /// Throws away what has come, and keeps what comes.
    void keep() {
        for (Filled old = filled.poll(); old != null; old = filled.poll()) {
            release(old);
        }
        keeping = true;
    }

    Optional<Filled> take() {
        return Optional.ofNullable(filled.poll());
    }

    void release(Filled read) {
        free.add(read.buffer());
    }

    /// Requests that got no buffer.
    long refused() {
        return refused.get();
    }

    MemorySegment requested() {
        return stub("request", REQUESTED, MemorySegment.class, MemorySegment.class, MemorySegment.class);
    }

    MemorySegment completed() {
        return stub("complete", COMPLETED, MemorySegment.class, int.class, MemorySegment.class, long.class, long.class);
    }

    @SuppressWarnings("restricted")
    private MemorySegment stub(String method, FunctionDescriptor type, Class<?>... arguments) {
        try {
            MethodHandle target = MethodHandles.lookup()
                    .findVirtual(Buffers.class, method, MethodType.methodType(void.class, arguments))
                    .bindTo(this);
            return Linker.nativeLinker().upcallStub(target, type, Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method, e);
        }
    }

    private Optional<MemorySegment> make() {
        if (made.incrementAndGet() > MOST) {
            made.decrementAndGet();
            return Optional.empty();
        }
        return Optional.of(Arena.global().allocate(BYTES, ALIGNMENT));
    }

    /// `void (*)(uint8_t **buffer, size_t *size, size_t *maxNumRecords)`
    @SuppressWarnings({"restricted", "IllegalCatch", "unused"})
    void request(MemorySegment buffer, MemorySegment size, MemorySegment most) {
        try {
            MemorySegment lend = next();
            buffer.reinterpret(ADDRESS.byteSize()).set(ADDRESS, 0, lend);
            size.reinterpret(JAVA_LONG.byteSize()).set(JAVA_LONG, 0, lend.equals(MemorySegment.NULL) ? 0 : BYTES);
            most.reinterpret(JAVA_LONG.byteSize()).set(JAVA_LONG, 0, 0);
        } catch (Throwable e) {
            // What leaves an upcall ends the process.
            refused.incrementAndGet();
        }
    }

    private MemorySegment next() {
        MemorySegment known = free.poll();
        MemorySegment lend = known != null ? known : make().orElse(MemorySegment.NULL);
        if (lend.equals(MemorySegment.NULL)) {
            refused.incrementAndGet();
        } else {
            lent.put(lend.address(), lend);
        }
        return lend;
    }

    /// `void (*)(CUcontext, uint32_t streamId, uint8_t *buffer, size_t size, size_t validSize)`
    @SuppressWarnings({"IllegalCatch", "unused"})
    void complete(MemorySegment context, int stream, MemorySegment buffer, long size, long valid) {
        try {
            MemorySegment back = lent.remove(buffer.address());
            if (back == null) {
                return;
            }
            if (keeping && valid > 0 && valid <= BYTES) {
                filled.add(new Filled(back, valid));
            } else {
                free.add(back);
            }
        } catch (Throwable e) {
            refused.incrementAndGet();
        }
    }
}
