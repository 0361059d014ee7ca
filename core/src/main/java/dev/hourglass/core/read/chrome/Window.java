package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.DamagedArchiveException;
import dev.hourglass.core.read.Prefetch;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.zip.ZipException;

/// A stretch of a stream that a cursor walks on: what was consumed is dropped, what follows is
/// appended.
final class Window {
    private static final int FIRST = 1 << 20;
    /// Bytes of the longest value that is read; of a longer one it is counted that it was there.
    static final int LARGEST = 1 << 25;

    private final String source;
    private final InputStream in;
    private final LongConsumer progress;
    private byte[] buffer = new byte[FIRST];
    private long origin;
    private int filled;
    private Optional<IOException> damage = Optional.empty();
    /// Whether somebody was told of it.
    private boolean told;

    Window(String source, InputStream in, LongConsumer progress) {
        this.source = source;
        this.in = in;
        this.progress = progress;
    }

    /// Where the first byte of the cursor's buffer stands in the content.
    long origin() {
        return origin;
    }

    /// What is wrong with the archive, where it broke off.
    Optional<String> damage() {
        told |= damage.isPresent();
        return damage.map(why -> String.valueOf(why.getMessage()));
    }

    /// Reads an archive on to its end, where its check sum stands, and counts what is wrong there.
    void finish(JsonCursor cursor, ImportStats stats) throws IOException {
        boolean more = in instanceof Prefetch && damage.isEmpty();
        while (more) {
            cursor.position = filled;
            more = more(cursor);
        }
        damage.filter(end -> !told || end instanceof DamagedArchiveException)
                .ifPresent(end -> DamagedArchiveException.count(end, origin + filled, stats));
    }

    /// Whether the value at the cursor fills all the room there is.
    boolean isFull(JsonCursor cursor) {
        return filled - cursor.position + JsonCursor.PADDING >= LARGEST;
    }

    /// Goes behind the value that begins at the cursor, however long it is. False where the content ends inside it.
    boolean pass(JsonCursor cursor) throws IOException {
        Passage passage = new Passage();
        while (true) {
            cursor.position = passage.go(cursor.buffer, cursor.position, cursor.limit);
            if (passage.isOver()) {
                return true;
            }
            if (!more(cursor)) {
                return false;
            }
        }
    }

    /// Drops what stands before the cursor and appends what follows. False at the end of the content.
    boolean more(JsonCursor cursor) throws IOException {
        int from = cursor.position;
        int kept = filled - from;
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, kept);
            origin += from;
            filled = kept;
        }
        if (filled + JsonCursor.PADDING >= buffer.length) {
            if (buffer.length >= LARGEST) {
                throw new TraceFormatException(source, origin, "a name of at most " + LARGEST + " bytes");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int n = read(buffer.length - JsonCursor.PADDING - filled);
        if (n > 0) {
            filled += n;
            progress.accept(n);
        }
        cursor.reset(buffer, 0, filled);
        return n > 0;
    }

    private int read(int room) throws IOException {
        try {
            return in.readNBytes(buffer, filled, room);
        } catch (EOFException | ZipException | DamagedArchiveException e) {
            damage = Optional.of(e);
        } catch (IOException e) {
            if (!(in instanceof Prefetch)) {
                throw e;
            }
            damage = Optional.of(e);
        }
        return 0;
    }
}
