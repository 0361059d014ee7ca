package dev.hourglass.core.read;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// The content of a gzip archive; tells a failure behind a member's content from one inside it.
final class Gunzip extends GZIPInputStream {
    Gunzip(InputStream file, int buffer) throws IOException {
        super(file, buffer);
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        try {
            return super.read(target, from, length);
        } catch (EOFException e) {
            throw inf.finished() ? new DamagedArchiveException("gzip's check sum is cut off", e) : e;
        } catch (ZipException e) {
            throw inf.finished()
                    ? new DamagedArchiveException("gzip's check sum or length does not match the content", e)
                    : e;
        }
    }
}
