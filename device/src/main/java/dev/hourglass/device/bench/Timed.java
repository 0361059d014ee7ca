package dev.hourglass.device.bench;

/// One operator at one shape on one device, ready to be timed: its inputs are made, its code is compiled.
///
/// A harness asks it for samples, in turn with others, until a stop rule is content.
public interface Timed extends AutoCloseable {
    /// What is timed.
    Work work();

    /// Poisons the outputs, runs it once and compares them with a reference in double precision.
    Check check();

    /// Times one sample.
    Sample sample();

    /// Bytes that one call moves over the bus, where they are not those of [Work#bytes()]: a plain store reads the
    /// line
    /// that it writes to first.
    default double busBytes() {
        return work().bytes();
    }

    /// Frees what it holds of the device.
    @Override
    void close();
}
