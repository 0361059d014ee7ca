package dev.hourglass.core.trace;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// Reads one format of trace, chosen by the first bytes of an input. Found by `ServiceLoader`.
///
/// A reader hands over rows of the declared tables and keeps nothing. One bad record is counted in
/// [ImportContext#stats()] and skipped; input that ends early yields everything before its end and
/// is counted as `truncated`; only input that is not of the format at all throws.
public interface TraceReader {
    /// Short name of the format as it stands in the table `source`, for example `kineto`.
    String format();

    /// How sure the reader is that the input is of its format, judged by its beginning alone.
    Match match(Head head);

    /// What of a directory is for this reader. A name alone makes nothing its own: what a file begins with does.
    ///
    /// @throws IOException if the directory cannot be read
    default Claim claim(Source directory) throws IOException {
        return Claim.NONE;
    }

    /// What a reader makes of a directory.
    ///
    /// @param entries paths in the directory of what it reads, all of them as one input; empty where the
    ///     directory is none of its own
    /// @param others paths of what is called as its own are but is none, with the reason in words that follow
    ///     the name
    record Claim(Set<String> entries, Map<String, String> others) {
        /// Nothing.
        public static final Claim NONE = new Claim(Set.of(), Map.of());

        public Claim {
            entries = Set.copyOf(entries);
            others = Map.copyOf(others);
        }
    }

    /// Reads everything; of a directory, everything that it claims.
    ///
    /// @throws TraceFormatException if the input is not of the format after all
    /// @throws IOException if the input cannot be read: a damaged archive, a lost disk
    void read(Source source, BatchSink sink, ImportContext context) throws IOException;

    /// How sure a reader is.
    enum Match {
        NO,
        /// The form fits, the content does not say: any JSON object, any CSV.
        MAYBE,
        /// The content names the format.
        YES
    }
}
