package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Processes and tracks of a session, and how to read what lies on them.
///
/// @param processes by `upid`
/// @param tracks by `track.id`
record Timeline(Map<Long, ProcessInfo> processes, Map<Long, Track> tracks) {
    /// Between the parts of an argument, and between arguments, in the answer of the query `slices`.
    static final char UNIT = '\u001f';

    static final char RECORD = '\u001e';

    record ProcessInfo(long upid, OptionalLong pid, String name, String labels) {
        /// Name and labels as one text for people.
        String title() {
            String shown = name.isEmpty() ? (pid.isPresent() ? "process " + pid.getAsLong() : "process") : name;
            return labels.isEmpty() || labels.equals("CPU") ? shown : shown + " (" + labels + ")";
        }
    }

    /// @param tid operating-system thread of a thread's track
    record Track(
            long id,
            String name,
            String type,
            OptionalLong upid,
            OptionalLong tid,
            String threadName,
            OptionalLong stream,
            String unit) {
        boolean isThread() {
            return type.equals("thread");
        }

        boolean isCounter() {
            return type.equals("counter");
        }
    }

    static Timeline of(Session session) throws IOException {
        Map<Long, ProcessInfo> processes = new LinkedHashMap<>();
        Cells.each(
                session,
                "processes",
                row -> processes.put(
                        row.integer(0),
                        new ProcessInfo(row.integer(0), row.integerOrNone(1), row.text(2), row.text(3))));
        Map<Long, Track> tracks = new LinkedHashMap<>();
        Cells.each(
                session,
                "tracks",
                row -> tracks.put(
                        row.integer(0),
                        new Track(
                                row.integer(0),
                                row.text(1),
                                row.text(2),
                                row.integerOrNone(3),
                                row.integerOrNone(4),
                                row.text(5),
                                row.integerOrNone(6),
                                row.text(7))));
        return new Timeline(processes, tracks);
    }

    /// The first moment of the session; 0 where there is none.
    static long firstMoment(Session session) {
        return session.query(Cells.QUERIES.text("first_moment"))
                .integer(0, "ts")
                .orElse(0);
    }

    /// One argument.
    ///
    /// @param type int, real, string or null
    record Arg(String key, String type, String value) {}

    /// The arguments in the answer's last column.
    static List<Arg> args(String joined) {
        List<Arg> args = new ArrayList<>();
        if (!joined.isEmpty()) {
            for (String one : joined.split(String.valueOf(RECORD), -1)) {
                String[] parts = one.split(String.valueOf(UNIT), -1);
                if (parts.length == 3) {
                    args.add(new Arg(parts[0], parts[1], parts[2]));
                }
            }
        }
        return args;
    }

    /// Numbers joined by commas.
    static List<Long> numbers(String joined) {
        List<Long> numbers = new ArrayList<>();
        if (!joined.isEmpty()) {
            for (String one : joined.split(",", -1)) {
                numbers.add(Long.parseLong(one));
            }
        }
        return numbers;
    }
}
