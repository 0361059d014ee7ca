package dev.hourglass.core.query;

import dev.hourglass.core.store.TraceStore;

/// Lays what a probe told of an engine on the timeline: its steps, its workers, its requests, what stopped it and how
/// it
/// started, so that every export and every query of slices shows them.
public final class EngineTimeline {
    private static final String SCRIPT = "engine_timeline.sql";
    private static final String SOURCE = "$source";

    private EngineTimeline() {}

    /// Adds the rows of one source, whose own rows are in the store and not on the timeline yet.
    public static void lay(TraceStore store, long source) {
        store.execute(SqlFile.read(SCRIPT).replace(SOURCE, Long.toString(source)));
    }
}
