package dev.hourglass.core.read;

import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.TraceReader;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// The readers that there are.
public final class Readers {
    private Readers() {}

    /// All of them.
    public static List<TraceReader> all() {
        return ServiceLoader.load(TraceReader.class, Readers.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /// Whether a reader is sure that an input is of its format.
    public static boolean isKnown(Head head) {
        return all().stream().anyMatch(reader -> reader.match(head) == TraceReader.Match.YES);
    }

    /// The reader for an input: one that is sure, else one that is not, else none.
    public static Optional<TraceReader> find(Head head) {
        Optional<TraceReader> maybe = Optional.empty();
        for (TraceReader reader : all()) {
            switch (reader.match(head)) {
                case YES -> {
                    return Optional.of(reader);
                }
                case MAYBE -> maybe = maybe.isPresent() ? maybe : Optional.of(reader);
                case NO -> {}
            }
        }
        return maybe;
    }
}
