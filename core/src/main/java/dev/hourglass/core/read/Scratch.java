package dev.hourglass.core.read;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Numbers that an import puts aside until the whole trace was read: in memory up to a limit, in a
/// temporary file beyond it, so that a trace of any size is read with the same memory. Thread-safe.
public final class Scratch implements AutoCloseable {
    /// Longs that are kept in memory: 40 MB.
    public static final int IN_MEMORY = 5 << 20;
    /// How names of temporary files beside a database begin. Who changes the session next removes what was left of
    /// them.
    public static final String PREFIX = ".session.duckdb.import";

    private static final int BUFFER = 1 << 16;

    /// Numbers that were put aside together.
    public static final class Block {
        private final long[] kept;
        private final long at;
        private final int length;

        /// @param kept the numbers; empty where they are in the file
        /// @param at byte of the file where they begin
        /// @param length how many
        Block(long[] kept, long at, int length) {
            this.kept = kept;
            this.at = at;
            this.length = length;
        }

        public int length() {
            return length;
        }
    }

    private final Path directory;
    private final int inMemory;
    private int held;
    private long end;
    private @Nullable FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());

    /// @param inMemory numbers that are kept in memory before a file is used
    public Scratch(Path directory, int inMemory) {
        this.directory = directory;
        this.inMemory = inMemory;
    }

    /// Puts the first `length` numbers of an array aside.
    public synchronized Block put(long[] values, int length) {
        if (held + length <= inMemory) {
            held += length;
            return new Block(Arrays.copyOf(values, length), 0, length);
        }
        Block block = new Block(new long[0], end, length);
        try {
            FileChannel to = file == null ? create() : file;
            for (int from = 0; from < length; ) {
                int n = Math.min(length - from, BUFFER / Long.BYTES);
                buffer.clear();
                buffer.asLongBuffer().put(values, from, n);
                buffer.limit(n * Long.BYTES);
                while (buffer.hasRemaining()) {
                    end += to.write(buffer, end);
                }
                from += n;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return block;
    }

    private FileChannel create() throws IOException {
        Path fresh = Files.createTempFile(directory, PREFIX, ".tmp");
        // Loses its name at once where the system can do that: nothing is left if the process is killed.
        FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        file = channel;
        return channel;
    }

    /// Reads `n` numbers of a block from its number `from` on into an array from `to` on.
    public synchronized void read(Block block, int from, long[] into, int to, int n) {
        FileChannel channel = file;
        if (block.kept.length > 0 || channel == null) {
            System.arraycopy(block.kept, from, into, to, n);
            return;
        }
        try {
            for (int done = 0; done < n; ) {
                int some = Math.min(n - done, BUFFER / Long.BYTES);
                buffer.clear().limit(some * Long.BYTES);
                long at = block.at + (long) (from + done) * Long.BYTES;
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, at + buffer.position()) < 0) {
                        throw new IOException("the temporary file in " + directory + " was cut off");
                    }
                }
                buffer.flip();
                buffer.asLongBuffer().get(into, to + done, some);
                done += some;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
