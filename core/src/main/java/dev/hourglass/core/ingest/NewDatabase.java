package dev.hourglass.core.ingest;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A new database that is made ready on a thread of its own. Rows that come meanwhile wait: what
/// the views are made of would write them in many small parts.
final class NewDatabase implements BatchSink {
    /// Rows that may wait.
    private static final int MOST_ROWS = 1 << 16;
    /// Bytes of their texts.
    private static final long MOST_TEXT_BYTES = 64L << 20;

    private final FutureTask<TraceStore> opened;
    private final List<EventBatch> waiting = new ArrayList<>();
    private int rows;
    private long textBytes;

    NewDatabase(Path database, BlockSize blocks) {
        opened = new FutureTask<>(() -> EmptyDatabase.create(database, blocks));
        Thread.ofPlatform().daemon().name("open").start(opened);
    }

    @Override
    public void accept(EventBatch batch) {
        List<EventBatch> ready;
        synchronized (this) {
            waiting.add(batch);
            rows += batch.size();
            textBytes += batch.textBytes();
            if (rows < MOST_ROWS && textBytes < MOST_TEXT_BYTES && !opened.isDone()) {
                return;
            }
            ready = new ArrayList<>(waiting);
            waiting.clear();
        }
        ready.forEach(whole()::accept);
    }

    /// The database with everything that stands on its tables, and the rows that waited for it.
    TraceStore complete() {
        List<EventBatch> ready;
        synchronized (this) {
            ready = new ArrayList<>(waiting);
            waiting.clear();
        }
        TraceStore store = whole();
        ready.forEach(store::accept);
        return store;
    }

    private TraceStore whole() {
        try {
            return opened.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    void abandon() {
        try {
            whole().abandon();
        } catch (RuntimeException e) {
            // The failure that led here says why there is none.
        }
    }
}
