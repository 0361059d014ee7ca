package dev.hourglass.core.query;

import dev.hourglass.core.store.TraceStore;

/// Lays a decode run on the timeline: its steps and their pieces become slices, its steps stages, as an
/// imported trace of the same run has them. So every question that is asked of a trace can be asked
/// of a run, and every export shows it.
public final class Timeline {
    private static final String PARTS = "device_parts.sql";
    private static final String SCRIPT = "timeline.sql";

    private Timeline() {}

    /// Adds the rows to a store that holds the run's tokens and pieces, and nothing of them on the timeline yet;
    /// none where there are no tokens. Of a run in which a GPU takes part, the pieces are told first, from the
    /// calls and the work that are there. Derived tables must be computed afterwards.
    public static void lay(TraceStore store) {
        store.execute(SqlFile.read(PARTS));
        store.execute(SqlFile.read(SCRIPT));
    }
}
