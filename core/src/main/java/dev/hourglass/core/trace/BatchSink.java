package dev.hourglass.core.trace;

/// Where batches of rows go: the store, a pipe to another process, a test's list.
///
/// A reader may hand batches of different tables over on several threads at a time.
@FunctionalInterface
public interface BatchSink {
    /// Takes the batch over. The caller does not touch it again.
    void accept(EventBatch batch);
}
