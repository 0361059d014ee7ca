package dev.hourglass.core.query;

import dev.hourglass.core.store.SessionLayout;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/// A session opened for reading. Queries see the session's tables and nothing else: no files, no
/// network, no writes.
///
/// Not thread-safe.
public final class Session implements AutoCloseable {
    private final SessionLayout layout;
    private final Connection connection;

    private Session(SessionLayout layout, Connection connection) {
        this.layout = layout;
        this.connection = connection;
    }

    /// Opens a session directory.
    ///
    /// @throws QueryException if it holds no readable session
    public static Session open(Path directory) {
        SessionLayout layout = new SessionLayout(directory);
        if (!layout.isSession()) {
            throw new QueryException(
                    directory + " is not a session: it has no session.duckdb", new IllegalArgumentException());
        }
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.DUCKDB_READONLY_PROPERTY, "true");
        properties.setProperty("enable_external_access", "false");
        properties.setProperty("lock_configuration", "true");
        try {
            return new Session(layout, new DuckDBDriver().connect("jdbc:duckdb:" + layout.database(), properties));
        } catch (SQLException e) {
            throw new QueryException("cannot open " + layout.database() + ": " + firstLine(e), e);
        }
    }

    public SessionLayout layout() {
        return layout;
    }

    /// Runs one query and holds its answer in memory.
    ///
    /// @throws QueryException if the database refuses it
    public Rows query(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return read(result);
        } catch (SQLException e) {
            throw new QueryException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new QueryException("cannot close " + layout.database(), e);
        }
    }

    private static Rows read(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> columns = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnLabel(i));
            types.add(meta.getColumnTypeName(i));
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        while (result.next()) {
            List<@Nullable Object> row = new ArrayList<>(columns.size());
            for (int i = 1; i <= columns.size(); i++) {
                row.add(normalise(result.getObject(i)));
            }
            rows.add(row);
        }
        return new Rows(columns, types, rows);
    }

    private static @Nullable Object normalise(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Double d -> d;
            case Float f -> f.doubleValue();
            case BigDecimal d -> d.doubleValue();
            case BigInteger i -> i.bitLength() < 64 ? (Object) i.longValue() : (Object) i.doubleValue();
            case Number n -> n.longValue();
            default -> value.toString();
        };
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown error");
    }
}
