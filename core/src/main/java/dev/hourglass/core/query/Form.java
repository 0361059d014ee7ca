package dev.hourglass.core.query;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The form that this build gives a session's database: every table, column, derived table, view and function.
///
/// A session states the form in which it was written. Where that is another than this build's, whoever reads it
/// looks up what it lacks; where it is the same, nobody has to.
final class Form {
    /// The row of `metadata` that states it.
    static final String FACT = "session.form";

    private Form() {}

    /// A check sum of all declarations, without their docs.
    static String ofThisBuild() {
        return Known.FORM;
    }

    private static final class Known {
        private static final String FORM = compute();

        private static String compute() {
            CRC32C sum = new CRC32C();
            Stream.of(
                            Tables.all().stream().map(Known::declaration),
                            Derived.texts().stream(),
                            Stream.of(Views.script("")))
                    .flatMap(texts -> texts)
                    .map(Known::withoutComments)
                    .forEach(text -> sum.update(text.getBytes(StandardCharsets.UTF_8)));
            return "%08x".formatted(sum.getValue());
        }

        private static String declaration(Table table) {
            List<Column> columns = table.columns();
            return columns.stream()
                    .map(column -> column.name() + " " + column.type().sql())
                    .collect(Collectors.joining(",", table.name() + "(", ")\n"));
        }

        private static String withoutComments(String text) {
            return text.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
        }
    }
}
