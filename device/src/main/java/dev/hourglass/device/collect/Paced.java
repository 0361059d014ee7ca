package dev.hourglass.device.collect;

import dev.hourglass.core.trace.Collector;
import java.time.Duration;
import java.util.List;

/// Collectors that are sampled together, on a thread of their own.
///
/// @param name of the group, as its cost is told: a word
/// @param pace from the start of a sample to that of the next; where `apart`, from its end
/// @param apart whether two samples must never lie closer together, however late one was
public record Paced(String name, Duration pace, boolean apart, List<Collector> collectors) {
    public Paced {
        collectors = List.copyOf(collectors);
    }
}
