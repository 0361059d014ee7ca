package dev.hourglass.app.record;

/// Hears how a run goes on.
public interface RunProgress {
    /// A phase begins.
    ///
    /// @param title what is done now, for a person
    void phase(String title);

    /// The phase goes on.
    ///
    /// @param done of `total`, in the phase's own unit
    void step(long done, long total);

    /// Something that the person should know before reading the numbers.
    void warn(String message);

    /// The last phase is over.
    void finished();
}
