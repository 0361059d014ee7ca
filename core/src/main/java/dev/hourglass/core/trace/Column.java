package dev.hourglass.core.trace;

import dev.hourglass.core.unit.Unit;
import java.util.regex.Pattern;

/// One column of a table of the trace database.
///
/// @param name lower case with underscores; a suffix names a unit that is not nanoseconds (`_bytes`)
/// @param type how values are held
/// @param unit what values count
/// @param doc meaning, absent form, what not to conclude; one sentence or a few
public record Column(String name, Type type, Unit unit, String doc) {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    /// How a column's values are held in memory, and what they become in SQL.
    public enum Type {
        /// 64-bit integers: times, counts, identifiers.
        LONG("BIGINT"),
        DOUBLE("DOUBLE"),
        /// Held as 0 and 1 among the integers.
        BOOLEAN("BOOLEAN"),
        /// UTF-8.
        TEXT("VARCHAR");

        private final String sql;

        Type(String sql) {
            this.sql = sql;
        }

        /// The SQL type.
        public String sql() {
            return sql;
        }
    }

    public Column {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a column name: " + name);
        }
        if (doc.isBlank()) {
            throw new IllegalArgumentException("column " + name + " has no doc");
        }
    }

    /// Whether its values are moments on the trace clock.
    public boolean isMoment() {
        return unit == Unit.NANOSECONDS && (name.equals("ts") || name.endsWith("_ts"));
    }

    public static Column integer(String name, Unit unit, String doc) {
        return new Column(name, Type.LONG, unit, doc);
    }

    /// Which source a row was read from.
    static Column source() {
        return integer("source_id", Unit.NONE, "The source that it was read from.");
    }

    public static Column real(String name, Unit unit, String doc) {
        return new Column(name, Type.DOUBLE, unit, doc);
    }

    public static Column flag(String name, String doc) {
        return new Column(name, Type.BOOLEAN, Unit.NONE, doc);
    }

    public static Column text(String name, String doc) {
        return new Column(name, Type.TEXT, Unit.NONE, doc);
    }
}
