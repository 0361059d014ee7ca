package dev.hourglass.core.export;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The formats that a session can be exported to.
public enum ExportFormat {
    PERFETTO("perfetto", "Perfetto's own trace format: slices, links, counters, arguments; exact times.", false),
    PERFETTO_JSON("perfetto-json", "Chrome's JSON trace format, for Perfetto and for reading back.", false),
    PARQUET("parquet", "One Parquet file per table, losslessly.", true),
    CSV("csv", "One CSV file per table, losslessly.", true),
    CSV_SAFE("csv-safe", "The same for a spreadsheet: texts that it would compute get an apostrophe in front.", true),
    PROFILEMATE("profilemate", "What was recorded of an engine, as the CSV files that ProfileMate documents.", true),
    SPEEDSCOPE("speedscope", "Speedscope's JSON: one profile per track and per sampled thread.", false),
    PROMETHEUS(
            "prometheus",
            "Prometheus text: the session's snapshots, last hardware samples, totals of steps and kernels.",
            false);

    private final String word;
    private final String doc;
    private final boolean directory;

    ExportFormat(String word, String doc, boolean directory) {
        this.word = word;
        this.doc = doc;
        this.directory = directory;
    }

    /// Its name on the command line.
    public String word() {
        return word;
    }

    public String doc() {
        return doc;
    }

    /// Whether it is a directory of files, not one file.
    public boolean isDirectory() {
        return directory;
    }

    public static Optional<ExportFormat> find(String word) {
        String wanted = word.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(format -> format.word.equals(wanted))
                .findFirst();
    }
}
