package dev.hourglass.core.read;

import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.sqlite.core.Codes;
import org.sqlite.core.DB;

/// One row of an Nsight Systems export; columns by their position in the request.
///
/// Integers are fetched when the statement stands on the row, everything else when it is asked for.
final class NsysRow {
    private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");

    private final DB database;
    private final long statement;
    /// Where the answer has a column; -1 for one that the table lacks.
    private final int[] at;
    private final int[] types;
    private final long[] integers;

    NsysRow(DB database, long statement, int[] at) {
        this.database = database;
        this.statement = statement;
        this.at = at;
        this.types = new int[at.length];
        this.integers = new long[at.length];
    }

    /// Takes over the row that the statement stands on.
    void load() throws SQLException {
        for (int c = 0; c < at.length; c++) {
            int type = at[c] < 0 ? Codes.SQLITE_NULL : database.column_type(statement, at[c]);
            types[c] = type;
            if (type == Codes.SQLITE_INTEGER) {
                integers[c] = database.column_long(statement, at[c]);
            }
        }
    }

    /// Whether the value is an integer.
    boolean has(int column) throws SQLException {
        return types[column] == Codes.SQLITE_INTEGER
                || (types[column] != Codes.SQLITE_NULL && other(column).isPresent());
    }

    /// The value as an integer; 0 for NULL and for what is no integer.
    long integer(int column) throws SQLException {
        return integer(column, 0);
    }

    /// The value as an integer; `otherwise` for NULL and for what is no integer.
    long integer(int column, long otherwise) throws SQLException {
        return switch (types[column]) {
            case Codes.SQLITE_INTEGER -> integers[column];
            case Codes.SQLITE_NULL -> otherwise;
            default -> other(column).orElse(otherwise);
        };
    }

    /// The value as text; empty for NULL.
    String text(int column) throws SQLException {
        if (types[column] == Codes.SQLITE_NULL) {
            return "";
        }
        String value = database.column_text(statement, at[column]);
        return value == null ? "" : TextLines.clean(oneLine(value));
    }

    /// The value as a number, NaN for NULL.
    double real(int column) throws SQLException {
        return types[column] == Codes.SQLITE_NULL ? Double.NaN : database.column_double(statement, at[column]);
    }

    /// A value that is no integer of the database, as one.
    private OptionalLong other(int column) throws SQLException {
        return switch (types[column]) {
            case Codes.SQLITE_FLOAT -> {
                double d = database.column_double(statement, at[column]);
                yield d == Math.rint(d) && Math.abs(d) < 9e15 ? OptionalLong.of((long) d) : OptionalLong.empty();
            }
            case Codes.SQLITE_TEXT -> Decimals.integer(database.column_text(statement, at[column]));
            default -> OptionalLong.empty();
        };
    }

    private static String oneLine(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= '\n' && c <= '\r') || c == '\u0085' || c == '\u2028' || c == '\u2029') {
                return LINE_END.matcher(text).replaceAll(" ");
            }
        }
        return text;
    }
}
