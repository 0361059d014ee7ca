package dev.hourglass.app.cli;

import dev.hourglass.core.text.CsvLines;
import picocli.CommandLine.Option;

/// Whether, and how, a verb prints CSV.
final class CsvOptions {
    @Option(names = "--csv", description = "Print CSV.")
    private boolean csv;

    @Option(
            names = "--csv-safe",
            description = {
                "Print CSV for a spreadsheet: a text that it would take for a formula gets an apostrophe in front."
            })
    private boolean safe;

    boolean wanted() {
        return csv || safe;
    }

    CsvLines.Formulas formulas() {
        return safe ? CsvLines.Formulas.DISARMED : CsvLines.Formulas.KEPT;
    }
}
