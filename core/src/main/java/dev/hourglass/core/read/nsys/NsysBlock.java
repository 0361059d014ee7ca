package dev.hourglass.core.read.nsys;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.Codes;
import org.sqlite.core.DB;

/// Rows of a table of an Nsight Systems export that are fetched together, row by row and in each row
/// column by column.
final class NsysBlock {
    /// Rows that are fetched together.
    private static final int ROWS_PER_BLOCK = 1024;

    final int columns;
    /// What SQLite says of each value.
    final byte[] types;
    /// Integers; of what is neither integer nor NULL the bits of its value as a floating-point number.
    final long[] numbers;
    /// What is neither integer nor NULL, as text.
    final @Nullable String[] texts;
    int rows;
    /// Whether no block follows.
    boolean last;
    /// What kept the rows behind these from being read.
    @Nullable
    SQLException failure;

    NsysBlock(int columns) {
        this.columns = columns;
        this.types = new byte[ROWS_PER_BLOCK * columns];
        this.numbers = new long[ROWS_PER_BLOCK * columns];
        this.texts = new @Nullable String[ROWS_PER_BLOCK * columns];
    }

    /// Fetches the next rows of a statement.
    ///
    /// @param at where the answer has each column; -1 for one that the table lacks
    void fill(DB database, long statement, int[] at) {
        rows = 0;
        try {
            int status = Codes.SQLITE_ROW;
            while (rows < ROWS_PER_BLOCK && status == Codes.SQLITE_ROW) {
                status = database.step(statement);
                if (status == Codes.SQLITE_ROW) {
                    load(database, statement, at);
                    rows++;
                } else if (status != Codes.SQLITE_DONE) {
                    database.throwex(status);
                }
            }
            last = status != Codes.SQLITE_ROW;
        } catch (SQLException e) {
            failure = e;
            last = true;
        }
    }

    private void load(DB database, long statement, int[] at) throws SQLException {
        int to = rows * columns;
        for (int c = 0; c < at.length; c++) {
            int type = at[c] < 0 ? Codes.SQLITE_NULL : database.column_type(statement, at[c]);
            types[to + c] = (byte) type;
            if (type == Codes.SQLITE_INTEGER) {
                numbers[to + c] = database.column_long(statement, at[c]);
            } else if (type != Codes.SQLITE_NULL) {
                numbers[to + c] = Double.doubleToRawLongBits(database.column_double(statement, at[c]));
                texts[to + c] = database.column_text(statement, at[c]);
            }
        }
    }
}
