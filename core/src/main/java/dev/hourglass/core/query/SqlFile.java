package dev.hourglass.core.query;

import dev.hourglass.core.trace.RowWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `.sql` file of this package whose head comment documents what it defines: the first line says
/// what a row is, `-- @column name [unit] doc` what a column is.
final class SqlFile {
    private static final Pattern COLUMN = Pattern.compile("-- @column\\s+(\\w+)(?:\\s+\\[([^\\]]+)\\])?\\s+(.+)");

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

    /// Rows of `schema_doc` for what the file defines.
    static void describe(String name, String text, RowWriter docs) {
        docs.set("table_name", name)
                .set("doc", text.lines().findFirst().orElse("").replaceFirst("^-- ", ""))
                .end();
        text.lines().map(COLUMN::matcher).filter(Matcher::matches).forEach(column -> {
            docs.set("table_name", name)
                    .set("column_name", column.group(1))
                    .set("unit", Optional.ofNullable(column.group(2)).orElse(""))
                    .set("doc", column.group(3))
                    .end();
        });
    }
}
