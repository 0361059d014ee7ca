package dev.hourglass.core.trace;

/// Distinct texts of one source, numbered from 0. A text never changes and keeps its number.
/// Thread-safe.
@FunctionalInterface
public interface TextTable {
    /// The text with a number, in valid UTF-8.
    byte[] text(int number);
}
