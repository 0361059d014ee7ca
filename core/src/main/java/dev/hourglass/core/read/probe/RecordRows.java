package dev.hourglass.core.read.probe;

/// Turns records of one process into rows.
interface RecordRows {
    /// Takes in a record.
    ///
    /// @return whether it is one of those that are turned into rows here
    boolean take(ProbeRecord record);

    /// Writes what only the last record lets be written.
    void end();
}
