package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.TraceReader;

/// The ways in which a Chrome trace is read.
public final class ChromeRoads {
    private ChromeRoads() {}

    /// On several threads, however small the file is.
    public static TraceReader inStretches(int bytes) {
        return new ChromeTraceReader(0, bytes);
    }
}
