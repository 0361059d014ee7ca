package dev.hourglass.device.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A file of the kernel that is read again and again: opened once, one system call per reading.
public final class OpenFile implements AutoCloseable {
    private static final int MIN_ROOM = 4096;
    private static final int MAX_ROOM = 16 << 20;

    private final FileChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(MIN_ROOM);

    private OpenFile(FileChannel channel) {
        this.channel = channel;
    }

    public static Optional<OpenFile> open(Path file) {
        try {
            return Optional.of(new OpenFile(FileChannel.open(file, StandardOpenOption.READ)));
        } catch (IOException | SecurityException absent) {
            return Optional.empty();
        }
    }

    /// The content now; empty where what it tells about has ended.
    public Optional<String> read() {
        try {
            int length = fill();
            byte[] bytes = new byte[length];
            buffer.flip().get(bytes);
            return length == 0 ? Optional.empty() : Optional.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /// A read that leaves room has reached the end: asking once more would have the kernel make the whole
    /// file again.
    private int fill() throws IOException {
        buffer.clear();
        int length = Math.max(0, channel.read(buffer, 0));
        while (!buffer.hasRemaining()) {
            grow();
            length += Math.max(0, channel.read(buffer, length));
        }
        return length;
    }

    private void grow() throws IOException {
        if (buffer.capacity() >= MAX_ROOM) {
            throw new IOException("a kernel file of more than " + MAX_ROOM + " bytes");
        }
        buffer = ByteBuffer.allocateDirect(buffer.capacity() * 4).put(buffer.flip());
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // nothing was written, so nothing is lost
        }
    }
}
