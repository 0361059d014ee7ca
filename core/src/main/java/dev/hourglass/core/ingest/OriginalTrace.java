package dev.hourglass.core.ingest;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// The trace file that a session was read from, for viewers that want it as it is.
///
/// The session says where it lies, and a session may come from anybody: what lies there is offered only
/// if its own first bytes say that it is such a trace.
///
/// @param file the trace; empty where there is none to offer
/// @param why there is none, for people; empty where there is one
public record OriginalTrace(Optional<Path> file, String why) {

    /// The format that viewers take, as its reader calls it.
    private static final String FORMAT = "chrome-json";

    /// Looks at the first source of the session that is a timeline in JSON.
    public static OriginalTrace of(Session session) {
        Rows rows = session.query(
                "SELECT path FROM source WHERE format = '" + FORMAT + "' AND path IS NOT NULL ORDER BY id LIMIT 1");
        if (rows.size() == 0) {
            return none("it was not read from a trace in Chrome's format");
        }
        String path = rows.text(0, "path", "");
        try {
            return of(Path.of(path));
        } catch (InvalidPathException e) {
            return none("its trace has no valid path");
        }
    }

    private static OriginalTrace of(Path path) {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return none(path + " is not there any more or cannot be read");
        }
        try {
            Head head = FileSource.of(path).head();
            boolean isTrace = Readers.all().stream()
                    .filter(reader -> reader.format().equals(FORMAT))
                    .anyMatch(reader -> reader.match(head) == TraceReader.Match.YES);
            return isTrace
                    ? new OriginalTrace(Optional.of(path), "")
                    : none("the session names " + path + " as its trace, but its first bytes are not a trace's");
        } catch (IOException | TraceFormatException e) {
            return none(path + " is not readable as a trace");
        }
    }

    private static OriginalTrace none(String why) {
        return new OriginalTrace(Optional.empty(), why);
    }
}
