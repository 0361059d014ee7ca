package dev.hourglass.app.cli;

/// The terminal that output goes to.
final class Screen {
    private static final int USUAL = 120;

    private Screen() {}

    /// Its width in characters; 0 where output goes elsewhere and lines may be of any length.
    static int width() {
        if (!System.console().isTerminal()) {
            return 0;
        }
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : USUAL;
    }
}
