package dev.hourglass.core.read;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// The content of a gzip archive; tells a failure behind a member's content from one inside it, and what stands behind
/// the last member and is none.
final class Gunzip extends GZIPInputStream {
    /// Bytes of a member's check sum and length, which stand behind its content.
    private static final int TRAILER_BYTES = 8;

    private static final int BLOCK_BYTES = 1 << 16;

    private final Counted file;
    private final long size;
    /// How far the file was read when the inflater was fed last.
    private long fed;
    private boolean ended;

    /// @param size bytes of the file
    Gunzip(InputStream file, int buffer, long size) throws IOException {
        this(new Counted(file), buffer, size);
    }

    private Gunzip(Counted file, int buffer, long size) throws IOException {
        super(file, buffer);
        this.file = file;
        this.size = size;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        fed = file.count;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int n;
        try {
            n = super.read(target, from, length);
        } catch (EOFException e) {
            throw inf.finished() ? new DamagedArchiveException("gzip's check sum is cut off", e) : e;
        } catch (ZipException e) {
            throw inf.finished()
                    ? new DamagedArchiveException("gzip's check sum or length does not match the content", e)
                    : e;
        }
        if (n < 0 && !ended) {
            ended = true;
            refuseTail();
        }
        return n;
    }

    /// Tells of what stands behind the last member; zeros only fill a block.
    private void refuseTail() throws IOException {
        int left = inf.getRemaining();
        long end = fed - left + TRAILER_BYTES;
        boolean zeros = true;
        for (int i = len - left + TRAILER_BYTES; i < len && left > TRAILER_BYTES; i++) {
            zeros &= buf[i] == 0;
        }
        if (end < size && !(zeros && onlyZeros())) {
            throw new DamagedArchiveException(end, size);
        }
    }

    private boolean onlyZeros() throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        for (int n = file.read(block); n >= 0; n = file.read(block)) {
            for (int i = 0; i < n; i++) {
                if (block[i] != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// A file of which it is known how far it was read.
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream file) {
            super(file);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int n = in.read(target, from, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
