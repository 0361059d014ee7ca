package dev.hourglass.app.cli;

/// The version of this build.
final class Version {
    /// As released.
    static final String TEXT = "0.1.0";

    private Version() {}
}
