package dev.hourglass.device.ffi.cupti;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

/// The two calls, made through native code as CUPTI makes them.
@SuppressWarnings("restricted")
class BuffersTest {
    private final Buffers buffers = new Buffers();

    private final MethodHandle request = Linker.nativeLinker()
            .downcallHandle(buffers.requested(), FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
    private final MethodHandle complete = Linker.nativeLinker()
            .downcallHandle(
                    buffers.completed(), FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));

    private MemorySegment lent(Arena arena) throws Throwable {
        MemorySegment buffer = arena.allocate(ADDRESS);
        MemorySegment size = arena.allocate(JAVA_LONG);
        request.invokeExact(buffer, size, arena.allocate(JAVA_LONG));
        assertThat(size.get(JAVA_LONG, 0)).isEqualTo(4L << 20);
        return buffer.get(ADDRESS, 0);
    }

    @Test
    void aFilledBufferIsHandedOverOnceAndUsedAgain() throws Throwable {
        buffers.keep();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lent = lent(arena);
            assertThat(lent.address() % 8).isZero();
            complete.invokeExact(MemorySegment.NULL, 0, lent, 4L << 20, 96L);
            Buffers.Filled filled = buffers.take().orElseThrow();
            assertThat(filled.bytes().byteSize()).isEqualTo(96);
            assertThat(filled.buffer().address()).isEqualTo(lent.address());
            assertThat(buffers.take()).isEmpty();
            buffers.release(filled);
        }
        assertThat(buffers.refused()).isZero();
    }

    @Test
    void whatComesBeforeKeepingIsThrownAway() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            complete.invokeExact(MemorySegment.NULL, 0, lent(arena), 4L << 20, 96L);
        }
        assertThat(buffers.take()).isEmpty();
    }

    @Test
    void moreThanThereIsRoomForIsRefusedAndCounted() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(ADDRESS);
            MemorySegment size = arena.allocate(JAVA_LONG);
            for (int i = 0; i <= Buffers.MOST; i++) {
                request.invokeExact(buffer, size, arena.allocate(JAVA_LONG));
            }
            assertThat(buffer.get(ADDRESS, 0)).isEqualTo(MemorySegment.NULL);
            assertThat(size.get(JAVA_LONG, 0)).isZero();
        }
        assertThat(buffers.refused()).isEqualTo(1);
    }
}
