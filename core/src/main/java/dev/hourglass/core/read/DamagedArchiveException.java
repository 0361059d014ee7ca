package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import java.io.IOException;

/// All content of an archive was unpacked, and the check sum behind it says that it is not what was packed, or
/// something
/// stands behind it that is no content. Thrown where the content ends.
public final class DamagedArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    /// Whether what was unpacked is whole.
    private final boolean whole;

    DamagedArchiveException(String message, Throwable cause) {
        super(message, cause);
        whole = false;
    }

    /// Something else stands behind the archive.
    ///
    /// @param from its first byte in the file
    /// @param to where the file ends
    DamagedArchiveException(long from, long to) {
        super("bytes " + from + " to " + to + " of the file, behind the archive, are not read");
        whole = true;
    }

    /// Counts what ended the reading of an archive.
    ///
    /// @param unpacked how many bytes of content came before
    public static void count(IOException end, long unpacked, ImportStats stats) {
        if (end instanceof DamagedArchiveException damaged && damaged.whole) {
            stats.count("content_behind", Severity.DATA_LOSS, String.valueOf(end.getMessage()));
        } else if (end instanceof DamagedArchiveException) {
            stats.count(
                    "damaged_archive",
                    Severity.DATA_LOSS,
                    "behind unpacked byte " + unpacked + ": " + end.getMessage() + "; any value may be wrong");
        } else {
            stats.count(
                    "truncated",
                    Severity.DATA_LOSS,
                    "the compressed input broke off at unpacked byte " + unpacked
                            + (end.getMessage() == null ? "" : ": " + end.getMessage()));
        }
    }
}
