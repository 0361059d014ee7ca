package dev.hourglass.core.query;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/// The driver's values as [RowSink] has them: no digit lost, nothing that lives only as long as its row.
public final class Values {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Values() {}

    /// The nearest integer of 64 bits towards 0: one that is too large becomes the largest, not its lowest bits.
    public static long whole(Number number) {
        return switch (number) {
            case BigInteger i when i.bitLength() >= Long.SIZE -> i.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            case BigDecimal d -> whole(d.toBigInteger());
            default -> number.longValue();
        };
    }

    static @Nullable Object of(@Nullable Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Double d -> d;
            case Float f -> f;
            case BigDecimal d -> d;
            case BigInteger i -> integer(i);
            case Number n -> n.longValue();
            case Blob blob -> text(blob.getBytes(1, Math.toIntExact(blob.length())));
            case Array array -> list((@Nullable Object[]) array.getArray());
            case DuckDBStruct struct -> map(struct.getMap());
            case Map<?, ?> map -> map(map);
            default -> value.toString();
        };
    }

    /// As a Long where it fits into one.
    static Object integer(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private static List<@Nullable Object> list(@Nullable Object[] items) throws SQLException {
        List<@Nullable Object> list = new ArrayList<>(items.length);
        for (@Nullable Object item : items) {
            list.add(of(item));
        }
        return list;
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> entries) throws SQLException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            map.put(String.valueOf(of(entry.getKey())), of(entry.getValue()));
        }
        return map;
    }

    /// As the database casts bytes to text: what could be mistaken, or not be seen, as `\xNN`.
    private static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            if (b < ' ' || b > '~' || b == '\\' || b == '\'' || b == '"') {
                text.append("\\x").append(HEX.toHexDigits(b));
            } else {
                text.append((char) b);
            }
        }
        return text.toString();
    }
}
