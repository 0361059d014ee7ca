package dev.hourglass.device.gpu;

import dev.hourglass.device.ffi.cuda.Attribute;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/// A GPU with a stream of its own. All calls come from the thread that opened it.
public final class Gpu implements AutoCloseable {
    private static final double KHZ_PER_MHZ = 1e3;

    private final CudaDriver driver;
    private final int index;
    private final CudaDriver.Stream stream;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    private Gpu(CudaDriver driver, int index) {
        this.driver = driver;
        this.index = index;
        driver.enter(index);
        this.stream = driver.stream();
    }

    /// @param index as the driver counts
    public static Gpu open(CudaDriver driver, int index) {
        return new Gpu(driver, index);
    }

    public CudaDriver driver() {
        return driver;
    }

    public CudaDriver.Stream stream() {
        return stream;
    }

    /// For example `NVIDIA H200`.
    public String name() {
        return driver.name(index);
    }

    /// As rows name it.
    public String label() {
        return "gpu:" + index;
    }

    public String busId() {
        return driver.busId(index);
    }

    public int multiprocessors() {
        return driver.attribute(Attribute.MULTIPROCESSORS, index);
    }

    public long l2Bytes() {
        return driver.attribute(Attribute.L2_BYTES, index);
    }

    public long memoryBytes() {
        return driver.memory(index);
    }

    /// Highest clock of the multiprocessors.
    public double highestClockMhz() {
        return driver.attribute(Attribute.CLOCK_KHZ, index) / KHZ_PER_MHZ;
    }

    /// Bytes per second at the memory's highest clock, both edges, all lanes.
    public double theoreticalBandwidth() {
        double hertz = driver.attribute(Attribute.MEMORY_CLOCK_KHZ, index) * KHZ_PER_MHZ;
        return 2 * hertz * driver.attribute(Attribute.MEMORY_BUS_BITS, index) / Byte.SIZE;
    }

    /// For example 90 of compute capability 9.0.
    public int capability() {
        return driver.attribute(Attribute.COMPUTE_MAJOR, index) * 10 + driver.attribute(Attribute.COMPUTE_MINOR, index);
    }

    /// For the compiler, for example `sm_90`.
    public String architecture() {
        return "sm_" + capability();
    }

    /// New memory, freed with the buffer or with this.
    public Buffer buffer(long bytes) {
        return new Buffer(bytes);
    }

    /// Keeps something until this is closed.
    public <T extends AutoCloseable> T own(T thing) {
        owned.push(thing);
        return thing;
    }

    @Override
    @SuppressWarnings("IllegalCatch")
    public void close() {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("freeing a GPU", e);
            }
        }
        stream.close();
        driver.leave(index);
    }

    /// Memory of the device.
    public final class Buffer implements AutoCloseable {
        private final long address;
        private final long bytes;

        private Buffer(long bytes) {
            this.bytes = bytes;
            this.address = driver.allocate(bytes);
        }

        public long address() {
            return address;
        }

        public long bytes() {
            return bytes;
        }

        /// Sets each byte.
        public void fill(int value) {
            driver.fill(address, value, bytes);
        }

        /// A part of it, copied.
        public MemorySegment read(long offset, long length, Arena arena) {
            MemorySegment copy = arena.allocate(length, Long.BYTES);
            driver.toHost(copy, address + offset);
            return copy;
        }

        /// Overwrites its beginning.
        public void write(MemorySegment bytesOfHost) {
            driver.toDevice(address, bytesOfHost);
        }

        @Override
        public void close() {
            driver.free(address);
        }
    }
}
