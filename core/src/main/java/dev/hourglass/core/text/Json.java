package dev.hourglass.core.text;

import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// How every JSON text is written: files and summaries indented, lists of rows one row a line; figures of
/// reports with at most nine decimals, no number where there is none.
public final class Json {
    /// Of numbers for programs: a billionth is below what was measured.
    private static final double DECIMALS = 1e9;
    /// Larger ones have no nine decimals in a double.
    private static final double ROUNDED_BELOW = 1e6;

    private Json() {}

    /// Writes a file by `body`.
    public static void write(Path file, Consumer<JsonGenerator> body) throws IOException {
        WholeFile.write(file, bytes(body));
    }

    /// The text that `body` writes.
    public static String text(Consumer<JsonGenerator> body) {
        return new String(bytes(body), StandardCharsets.UTF_8);
    }

    /// A value as JSON without a space, in one line, as [#value(JsonGenerator, Object)] writes it.
    public static String line(@Nullable Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = byNumber("").build().createGenerator(ObjectWriteContext.empty(), text)) {
            value(json, value);
        }
        return text.toString();
    }

    private static byte[] bytes(Consumer<JsonGenerator> body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonFactory factory = with(ByNumber.beyondShortNames()).build();
        try (JsonGenerator json = factory.createGenerator(printed(new DefaultPrettyPrinter()), out)) {
            body.accept(json);
        }
        out.write('\n');
        return out.toByteArray();
    }

    /// Begins a text of which every item of a list stands on a line of its own. Closing it leaves `out` open.
    public static JsonGenerator lines(OutputStream out) {
        return with(ByNumber.beyondShortNames())
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(printed(new ItemLines(1, "  ")), out);
    }

    /// The same down to a lower level, for a file that other programs show, perhaps inside a page: what could end a
    /// script there is escaped.
    ///
    /// @param level of the lowest list whose items begin a line; 1 is the whole text
    public static JsonGenerator lines(OutputStream out, int level) {
        return byNumber(ByNumber.UNSAFE_IN_SCRIPTS)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(printed(new ItemLines(level, "")), out);
    }

    /// A value of an answer, with every digit that it has.
    public static void value(JsonGenerator json, @Nullable Object value) {
        switch (value) {
            case null -> json.writeNull();
            case Boolean b -> json.writeBoolean(b);
            case Double d when Double.isFinite(d) -> json.writeNumber(d);
            case Double d -> json.writeNull();
            case Float f when Float.isFinite(f) -> json.writeNumber(f);
            case Float f -> json.writeNull();
            case BigDecimal d -> json.writeNumber(d.toPlainString());
            case BigInteger i -> json.writeNumber(i);
            case Number n -> json.writeNumber(n.longValue());
            case List<?> items -> {
                json.writeStartArray();
                items.forEach(item -> value(json, item));
                json.writeEndArray();
            }
            case Map<?, ?> entries -> {
                json.writeStartObject();
                entries.forEach((name, item) -> {
                    json.writeName(String.valueOf(name));
                    value(json, item);
                });
                json.writeEndObject();
            }
            default -> json.writeString(value.toString());
        }
    }

    /// A list under a name.
    public static <T> void list(JsonGenerator json, String name, Iterable<T> items, Consumer<T> each) {
        json.writeArrayPropertyStart(name);
        items.forEach(each);
        json.writeEndArray();
    }

    private static JsonFactoryBuilder byNumber(String others) {
        return with(new ByNumber(others));
    }

    private static JsonFactoryBuilder with(ByNumber escapes) {
        return JsonFactory.builder()
                .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
                .characterEscapes(escapes);
    }

    private static ObjectWriteContext printed(PrettyPrinter printer) {
        return new ObjectWriteContext.Base() {
            @Override
            public PrettyPrinter getPrettyPrinter() {
                return printer;
            }

            @Override
            public boolean hasPrettyPrinter() {
                return true;
            }
        };
    }

    public static void number(JsonGenerator json, String name, double value) {
        json.writeName(name);
        number(json, value);
    }

    public static void number(JsonGenerator json, double value) {
        if (!Double.isFinite(value)) {
            json.writeNull();
        } else if (value == Math.rint(value) && Math.abs(value) < Format.EXACT_BELOW) {
            json.writeNumber((long) value);
        } else {
            json.writeNumber(Math.abs(value) < ROUNDED_BELOW ? Math.round(value * DECIMALS) / DECIMALS : value);
        }
    }

    /// The fields of a distribution, into the object that is open.
    public static void distribution(JsonGenerator json, Distribution d) {
        json.writeNumberProperty("n", d.n());
        number(json, "mean", d.mean());
        number(json, "stddev", d.stddev());
        number(json, "cv", d.cv());
        number(json, "min", d.min());
        number(json, "p50", d.p50());
        number(json, "p90", d.p90());
        number(json, "p99", d.p99());
        number(json, "max", d.max());
    }

    /// A fact from the metadata: a number where it reads as one, text elsewhere, null where there is none.
    public static void fact(JsonGenerator json, String name, @Nullable String value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
        } else if (value.matches("-?(0|[1-9]\\d{0,14})")) {
            json.writeNumber(Long.parseLong(value));
        } else if (value.matches("-?(0|[1-9]\\d{0,14})\\.\\d{1,9}")) {
            json.writeNumber(Double.parseDouble(value));
        } else if (value.equals("true") || value.equals("false")) {
            json.writeBoolean(value.equals("true"));
        } else {
            json.writeString(value);
        }
    }
}
