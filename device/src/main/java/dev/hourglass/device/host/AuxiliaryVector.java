package dev.hourglass.device.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;

/// What the kernel handed to this process at its start: units in which it counts.
///
/// @param ticksPerSecond ticks of CPU time per second, 100 almost everywhere
/// @param pageBytes size of a memory page
public record AuxiliaryVector(long ticksPerSecond, long pageBytes) {
    private static final long AT_PAGESZ = 6;
    private static final long AT_CLKTCK = 17;
    private static final int PAIR_BYTES = 2 * Long.BYTES;

    public static AuxiliaryVector read(KernelFiles files) {
        long ticks = 100;
        long page = 4096;
        ByteBuffer pairs = ByteBuffer.wrap(bytes(files)).order(ByteOrder.nativeOrder());
        while (pairs.remaining() >= PAIR_BYTES) {
            long type = pairs.getLong();
            long value = pairs.getLong();
            if (type == AT_CLKTCK && value > 0) {
                ticks = value;
            } else if (type == AT_PAGESZ && value > 0) {
                page = value;
            }
        }
        return new AuxiliaryVector(ticks, page);
    }

    private static byte[] bytes(KernelFiles files) {
        try {
            return Files.readAllBytes(files.proc().resolve("self/auxv"));
        } catch (IOException absent) {
            return new byte[0];
        }
    }
}
