package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// What is watched beside the processes of a recording.
///
/// @param scrape where engines' metrics are; where it is empty they are looked for where the command line says
/// @param scrapePace between two snapshots
/// @param readyLimit from which an engine that is not ready is told
/// @param say takes what is to be told while the recording goes on, in lines
/// @param live sees every row that is sampled
public record Watching(
        List<URI> scrape, Duration scrapePace, Duration readyLimit, Consumer<String> say, BatchSink live) {
    public Watching {
        scrape = List.copyOf(scrape);
    }

    /// The usual, told to nobody.
    public static Watching usual() {
        return new Watching(List.of(), Duration.ofSeconds(5), Duration.ofMinutes(15), line -> {}, batch -> {});
    }

    /// The same, with rows seen by somebody.
    public Watching with(BatchSink sees) {
        return new Watching(scrape, scrapePace, readyLimit, say, sees);
    }
}
