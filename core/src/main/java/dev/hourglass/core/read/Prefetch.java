package dev.hourglass.core.read;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads a stream ahead on a thread of its own, so that unpacking and parsing go on side by side.
/// A failure of the stream is thrown where the bytes before it end.
public final class Prefetch extends InputStream {
    private static final int BLOCK = 1 << 20;
    private static final int BLOCKS = 6;

    private static final class Block {
        private final byte[] bytes;
        private final @Nullable IOException failure;

        private Block(byte[] bytes, @Nullable IOException failure) {
            this.bytes = bytes;
            this.failure = failure;
        }
    }

    private final InputStream in;
    private final BlockingQueue<Block> queue = new ArrayBlockingQueue<>(BLOCKS);
    private final Thread thread;
    private volatile boolean closed;
    private byte[] current = new byte[0];
    private int position;
    private boolean ended;
    private @Nullable IOException failure;

    public Prefetch(InputStream in) {
        this.in = in;
        this.thread = Thread.ofPlatform().daemon().name("unpack").start(this::fill);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == current.length && !next()) {
            return -1;
        }
        int n = Math.min(length, current.length - position);
        System.arraycopy(current, position, target, from, n);
        position += n;
        return n;
    }

    /// Like the general one; what stands before a failure is returned first, the failure is thrown by
    /// the next call.
    @Override
    public int readNBytes(byte[] target, int from, int length) throws IOException {
        int n = 0;
        while (n < length) {
            int more = read(target, from + n, length - n);
            if (more < 0) {
                break;
            }
            n += more;
        }
        if (n == 0 && failure != null) {
            throw failure;
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        thread.interrupt();
        Beside.await(thread);
        in.close();
    }

    private boolean next() throws IOException {
        while (!ended) {
            Block block = take();
            if (block.failure != null || block.bytes.length == 0) {
                failure = block.failure;
                ended = true;
                return false;
            }
            current = block.bytes;
            position = 0;
            return true;
        }
        return false;
    }

    private Block take() throws IOException {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private void fill() {
        try {
            boolean more = true;
            while (more && !closed) {
                more = block();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One block; an empty one at the end, one with the failure where the stream breaks off.
    private boolean block() throws InterruptedException {
        byte[] bytes = new byte[BLOCK];
        int n = 0;
        IOException failure = null;
        try {
            int more = 0;
            while (more >= 0 && n < BLOCK) {
                n += more;
                more = in.read(bytes, n, BLOCK - n);
            }
        } catch (IOException e) {
            failure = e;
        }
        if (n > 0) {
            put(new Block(n == BLOCK ? bytes : Arrays.copyOf(bytes, n), null));
        }
        if (failure != null) {
            put(new Block(new byte[0], failure));
        } else if (n < BLOCK) {
            put(new Block(new byte[0], null));
        }
        return n == BLOCK && failure == null;
    }

    private void put(Block block) throws InterruptedException {
        boolean taken = false;
        while (!closed && !taken) {
            taken = queue.offer(block, 100, TimeUnit.MILLISECONDS);
        }
    }
}
