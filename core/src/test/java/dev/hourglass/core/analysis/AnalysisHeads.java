package dev.hourglass.core.analysis;

/// Heads of analyses, for those who do not live here.
public final class AnalysisHeads {
    private AnalysisHeads() {}

    /// @throws IllegalArgumentException if it is none
    public static void read(String sql) {
        AnalysisParser.parse("any", sql);
    }
}
