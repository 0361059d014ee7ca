package dev.hourglass.core.export;

import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.query.RowSink;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One row of an answer, by position.
final class Cells {
    /// Takes rows, and may fail to write them.
    @FunctionalInterface
    interface Consumer {
        void accept(Cells row) throws IOException;
    }

    /// What the formats ask.
    static final QueryFile QUERIES =
            QueryFile.read(Objects.requireNonNull(Cells.class.getResourceAsStream("export.sql")));

    private @Nullable Object[] values = new @Nullable Object[0];

    private Cells() {}

    /// Hands over every row of one of the queries. The row is used again for the next one.
    static void each(Session session, String query, Consumer consumer) throws IOException {
        Cells cells = new Cells();
        try {
            session.query(QUERIES.text(query), new RowSink() {
                @Override
                public void columns(List<String> names, List<String> types) {}

                @Override
                public void row(@Nullable Object[] row) {
                    cells.values = row;
                    try {
                        consumer.accept(cells);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    boolean isNull(int column) {
        return values[column] == null;
    }

    /// The value, 0 for NULL.
    long integer(int column) {
        return values[column] instanceof Number n ? Values.whole(n) : 0;
    }

    OptionalLong integerOrNone(int column) {
        return values[column] instanceof Number n ? OptionalLong.of(Values.whole(n)) : OptionalLong.empty();
    }

    OptionalDouble realOrNone(int column) {
        return values[column] instanceof Number n ? OptionalDouble.of(n.doubleValue()) : OptionalDouble.empty();
    }

    /// The value as text, empty for NULL.
    String text(int column) {
        Object value = values[column];
        return value == null ? "" : value.toString();
    }
}
