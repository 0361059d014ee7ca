package dev.hourglass.core.read.session;

import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A file of a directory that is called as the export of a table is, which a file of anybody may be: what it begins
/// with says whether it is one.
///
/// @param header columns of a CSV file, as its first line names them; empty for another form
/// @param why it is no export, in words that follow its name; empty where it is one
record ExportedFile(Table table, String entry, Form form, List<String> header, String why) {
    /// Columns of the table by which its file is known for sure; others have files with two names of ours too.
    private static final int COLUMNS_THAT_TELL = 3;
    /// Columns of a file; no table has a tenth of them.
    private static final int MOST_COLUMNS = 1_000;

    /// How a table is stored.
    enum Form {
        CSV,
        PARQUET
    }

    /// Empty where the name is that of no table.
    static Optional<ExportedFile> of(Source directory, String entry) {
        Optional<Form> form = entry.endsWith(".csv")
                ? Optional.of(Form.CSV)
                : entry.endsWith(".parquet") ? Optional.of(Form.PARQUET) : Optional.empty();
        Optional<Table> table =
                form.isEmpty() ? Optional.empty() : Tables.find(entry.substring(0, entry.lastIndexOf('.')));
        if (table.isEmpty()) {
            return Optional.empty();
        }
        try {
            Source file = directory.resolve(entry);
            return Optional.of(
                    form.get() == Form.CSV ? csv(table.get(), entry, file) : parquet(table.get(), entry, file));
        } catch (IOException | TraceFormatException e) {
            return Optional.of(new ExportedFile(table.get(), entry, form.get(), List.of(), "is not readable"));
        }
    }

    private static ExportedFile parquet(Table table, String entry, Source file) {
        return new ExportedFile(
                table, entry, Form.PARQUET, List.of(), file.head().startsWith("PAR1") ? "" : "is no Parquet file");
    }

    private static ExportedFile csv(Table table, String entry, Source file) {
        List<String> header = CsvTable.header(file.head());
        boolean ours = header.size() <= MOST_COLUMNS && isMostly(table, header);
        String why = file.plainFile().isEmpty()
                ? "is packed or in UTF-16; write it again as plain text"
                : ours ? "" : "has not the columns of the table " + table.name();
        return new ExportedFile(table, entry, Form.CSV, header, why);
    }

    /// Newer versions may write columns that are not known here.
    private static boolean isMostly(Table table, List<String> header) {
        return 2 * header.stream().filter(table::has).count() > header.size();
    }

    boolean isExport() {
        return why.isEmpty();
    }

    /// Whether a directory in which it lies is one that Hourglass exported.
    boolean tells() {
        return isExport()
                && (form == Form.PARQUET || header.stream().filter(table::has).count() >= COLUMNS_THAT_TELL);
    }

    /// Columns of the header that come again; the first of each is read.
    List<String> repeated() {
        return header.stream()
                .filter(name -> header.indexOf(name) != header.lastIndexOf(name))
                .distinct()
                .toList();
    }
}
