package dev.hourglass.core.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/// The one door to the database engine: whatever opens a database file opens it here.
///
/// A file that somebody else named and made is opened by its path. A path never becomes part of a URL, where
/// `;`, `?` or `md:` would mean something, and the engine is told of what kind the file is, so that it neither
/// guesses nor fetches what it would take to read another kind. Extensions are neither loaded nor installed by
/// themselves.
///
/// An engine begins with nothing; the file is attached to it under the name [#NAME]. Each connection has an
/// engine of its own, apart from those that [#again] makes.
public final class DatabaseDoor {
    /// The database's name in its connections.
    public static final String NAME = "session";

    private static final byte[] MAGIC = "DUCK".getBytes(StandardCharsets.US_ASCII);
    private static final int MAGIC_AT = 8;
    private static final byte[] SQLITE = "SQLite format 3".getBytes(StandardCharsets.US_ASCII);
    /// What the engine keeps in memory of its tables and sorts; what is more goes to the disk. With the virtual
    /// machine
    /// around it an answer stays within what an import takes.
    private static final String READING_MEMORY = "448MB";
    /// The engine takes what stands behind the one for options, and the other for a separator of names.
    private static final String MEANS_SOMETHING = "?\\";

    private DatabaseDoor() {}

    /// An engine without a file.
    public static DuckDBConnection empty() throws SQLException {
        return new DuckDBDriver().connect("jdbc:duckdb:", options()).unwrap(DuckDBConnection.class);
    }

    /// Opens a database file for reading.
    ///
    /// @throws SQLException if it is none, or cannot be read
    public static DuckDBConnection reading(Path database) throws SQLException {
        check(database);
        DuckDBConnection connection = attached(database, ", READ_ONLY");
        try {
            execute(connection, "SET memory_limit = '" + READING_MEMORY + "'");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// Opens a database file for writing.
    ///
    /// @throws SQLException if it is none, or cannot be read
    static DuckDBConnection writing(Path database) throws SQLException {
        check(database);
        return attached(database, "");
    }

    /// Makes a database file.
    ///
    /// @param blockBytes size of its blocks; empty for the engine's own
    /// @throws SQLException if something stands under its name, or it cannot be written
    static DuckDBConnection creating(Path database, OptionalInt blockBytes) throws SQLException {
        if (Files.exists(database, LinkOption.NOFOLLOW_LINKS)) {
            throw new SQLException("it exists already");
        }
        return attached(database, blockBytes.isPresent() ? ", BLOCK_SIZE " + blockBytes.getAsInt() : "");
    }

    /// One more connection to the same database.
    public static DuckDBConnection again(DuckDBConnection first) throws SQLException {
        DuckDBConnection second = first.duplicate().unwrap(DuckDBConnection.class);
        try {
            execute(second, "USE " + NAME);
            return second;
        } catch (SQLException e) {
            second.close();
            throw e;
        }
    }

    /// Whether a database could not be opened because the log beside it is older than itself. Its rows are in the
    /// database then: a log is never left behind otherwise.
    public static boolean isAboutOldLog(SQLException e) {
        return String.valueOf(e.getMessage()).contains("WAL was created for an older version of this database");
    }

    /// A path in SQL.
    public static String literal(Path path) {
        return "'" + path.toAbsolutePath().toString().replace("'", "''") + "'";
    }

    /// What every engine begins with.
    ///
    /// DuckDB 2.0.0 can take a wrong upper bound for the `sum` of joined rows, sort by as many bits as
    /// that bound has, and so return a sum of 216 as -40 or refuse the query. Without the pass that
    /// derives the bounds every sum is right.
    ///
    /// What is divided by nothing is NULL, not measured: no trace ends a query.
    private static Properties options() {
        Properties options = new Properties();
        options.setProperty("disabled_optimizers", "statistics_propagation");
        options.setProperty("error_on_division_by_zero", "false");
        options.setProperty("autoinstall_known_extensions", "false");
        options.setProperty("autoload_known_extensions", "false");
        options.setProperty("allow_community_extensions", "false");
        options.setProperty("allow_persistent_secrets", "false");
        return options;
    }

    private static DuckDBConnection attached(Path database, String how) throws SQLException {
        Path real = real(database);
        DuckDBConnection connection = empty();
        try {
            execute(
                    connection,
                    "SET temp_directory = " + literal(SpillDirectory.beside(real)) + "; ATTACH " + literal(real)
                            + " AS " + NAME + " (TYPE duckdb" + how + "); USE " + NAME);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// The path that the engine would take itself, which follows links in it.
    private static Path real(Path database) throws SQLException {
        try {
            Path parent = Optional.ofNullable(database.toAbsolutePath().getParent())
                    .orElseThrow(() -> new NoSuchFileException(database.toString()))
                    .toRealPath();
            Path real = parent.resolve(String.valueOf(database.getFileName()));
            String text = real.toString();
            if (text.chars().anyMatch(c -> MEANS_SOMETHING.indexOf(c) >= 0)) {
                throw new SQLException("the database engine opens nothing below a path with ? or \\ in it; give the"
                        + " directory another name");
            }
            if (!Path.of(text).equals(real) || text.indexOf('\uFFFD') >= 0) {
                throw new SQLException(
                        "its path is not valid in this machine's encoding; give the directory another" + " name");
            }
            return real;
        } catch (IOException e) {
            throw new SQLException("it cannot be reached (" + e.getMessage() + ")", e);
        }
    }

    /// By the first bytes, so that the engine is given nothing else.
    private static void check(Path database) throws SQLException {
        if (Files.isSymbolicLink(database)
                || Files.isSymbolicLink(database.resolveSibling(database.getFileName() + ".wal"))) {
            throw new SQLException("it is a link, or the log beside it is; a session holds its files itself");
        }
        if (!Files.isRegularFile(database, LinkOption.NOFOLLOW_LINKS)) {
            throw new SQLException("it is no file");
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(database, LinkOption.NOFOLLOW_LINKS)) {
            head = in.readNBytes(SQLITE.length);
        } catch (IOException e) {
            throw new SQLException("it cannot be read (" + e.getMessage() + ")", e);
        }
        boolean magic = head.length >= MAGIC_AT + MAGIC.length
                && ByteBuffer.wrap(head, MAGIC_AT, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
        if (!magic) {
            throw new SQLException("it is not a valid DuckDB database: it "
                    + (head.length == 0
                            ? "is empty"
                            : Arrays.equals(head, SQLITE) ? "is an SQLite database" : "begins otherwise"));
        }
    }

    private static void execute(DuckDBConnection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
