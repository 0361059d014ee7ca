package dev.hourglass.core.trace;

import java.util.Optional;

/// Samples something of the machine while a run goes on. Live and offline meet at [EventBatch]: a
/// collector writes the tables that a reader writes.
public interface Collector extends AutoCloseable {
    /// Short name as it stands in metadata and messages, for example `cpu`.
    String name();

    /// Why this machine or this user cannot have it, with the way to enable it; empty where it works.
    Optional<String> unavailable();

    /// Takes one sample. Called on one thread, at the recorder's pace.
    void sample(BatchSink sink);

    /// Ends the collection, writing what only the end of the run can tell.
    void finish(BatchSink sink);

    @Override
    void close();
}
