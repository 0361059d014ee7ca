package dev.hourglass.core.query;

import dev.hourglass.core.trace.RowWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `.sql` file of this package whose head comment documents what it defines: the first line says
/// what a row is, `-- @column name [unit] doc` what a column is.
final class SqlFile {
    private static final Pattern COLUMN =
            Pattern.compile("-- @column\\s+(\\w+)(?:\\s+\\[([^\\]]+)\\])?\\s+(.*\\S)\\s*");
    private static final Pattern CREATE = Pattern.compile("(?m)^CREATE (?:OR REPLACE )?(VIEW|TABLE|MACRO)\\b");

    private SqlFile() {}

    static String read(String path) {
        try (InputStream in = SqlFile.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no file " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The statements of a file, made so that they replace what stands under the same name.
    ///
    /// @param where what is created lies: empty for the database, or `TEMP `
    static String replacing(String text, String where) {
        return CREATE.matcher(text).replaceAll("CREATE OR REPLACE " + where + "$1");
    }

    /// What the head comment of a file says.
    static Views.View parse(String name, String text) {
        List<Views.ViewColumn> columns = text.lines()
                .map(COLUMN::matcher)
                .filter(Matcher::matches)
                .map(m -> new Views.ViewColumn(
                        m.group(1), Optional.ofNullable(m.group(2)).orElse(""), m.group(3)))
                .toList();
        return new Views.View(name, text.lines().findFirst().orElse("").replaceFirst("^-- ", ""), columns);
    }

    /// Rows of `schema_doc` for what a file defines.
    static void describe(Views.View defined, RowWriter docs) {
        docs.set("table_name", defined.name()).set("doc", defined.doc()).end();
        for (Views.ViewColumn column : defined.columns()) {
            docs.set("table_name", defined.name())
                    .set("column_name", column.name())
                    .set("unit", column.unit())
                    .set("doc", column.doc())
                    .end();
        }
    }
}
