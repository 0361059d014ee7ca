package dev.hourglass.app.cli;

/// The terminal that output goes to.
final class Screen {
    private static final int USUAL = 120;

    private Screen() {}

    /// Whether a person sits at both standard input and standard output.
    @SuppressWarnings("SystemConsoleNull") // it is null where either is not a terminal
    static boolean isInteractive() {
        return System.console() != null && System.console().isTerminal();
    }

    /// Its width in characters; 0 where output goes elsewhere and lines may be of any length.
    static int width() {
        if (!isInteractive()) {
            return 0;
        }
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : USUAL;
    }
}
