package dev.hourglass.core.read;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// The content of a zstd archive; tells a wrong check sum from other damage.
///
/// A read that fails keeps what it has unpacked for itself. So that a wrong check sum costs no content, the
/// bytes that may be one, the last four of the file, are handed over in a read of their own.
final class Unzstd extends FilterInputStream {
    private static final int CHECK_SUM = 4;

    Unzstd(InputStream file, long size) throws IOException {
        super(new ZstdInputStreamNoFinalizer(new Packed(file, size - CHECK_SUM)));
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        try {
            return in.read(target, from, length);
        } catch (ZstdIOException e) {
            throw e.getErrorCode() == Zstd.errChecksumWrong()
                    ? new DamagedArchiveException("zstd's check sum does not match the content", e)
                    : e;
        }
    }

    /// A file of which no read crosses a certain place.
    private static final class Packed extends FilterInputStream {
        private long before;

        Packed(InputStream file, long before) {
            super(file);
            this.before = before;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int n = in.read(target, from, before > 0 ? (int) Math.min(before, length) : length);
            before -= Math.max(n, 0);
            return n;
        }

        /// None: whoever asks has something to hand over, and shall do so before the next read.
        @Override
        public int available() {
            return 0;
        }
    }
}
