package dev.hourglass.core.store;

import java.sql.ResultSet;
import java.sql.SQLException;

/// The row at which an answer of the database stands.
record ResultRow(ResultSet result) implements TraceStore.Row {
    @Override
    public long number(int column) {
        try {
            return result.getLong(column + 1);
        } catch (SQLException e) {
            throw new StoreException("cannot read a number", e);
        }
    }

    @Override
    public String text(int column) {
        try {
            String text = result.getString(column + 1);
            return text == null ? "" : text;
        } catch (SQLException e) {
            throw new StoreException("cannot read a text", e);
        }
    }
}
