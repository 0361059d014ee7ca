package dev.hourglass.core.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A small JSON text as values of Java: `Map`, `List`, `String`, `Long`, `Double`, `Boolean`, null.
///
/// Nesting and lengths are limited by the parser, so that a hostile text ends in a message.
public final class JsonTree {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonTree() {}

    /// The object that a text holds.
    ///
    /// @throws IOException if it cannot be read or holds none
    public static Map<String, @Nullable Object> object(InputStream text) throws IOException {
        try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no JSON object");
            }
            return members(in);
        } catch (JacksonException e) {
            throw new IOException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, @Nullable Object> members(JsonParser in) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            in.nextToken();
            members.put(name, value(in));
        }
        return members;
    }

    private static @Nullable Object value(JsonParser in) {
        return switch (in.currentToken()) {
            case START_OBJECT -> members(in);
            case START_ARRAY -> items(in);
            case VALUE_NUMBER_INT ->
                in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) in.getDoubleValue()
                        : in.getLongValue();
            case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> in.getString();
        };
    }

    private static List<@Nullable Object> items(JsonParser in) {
        List<@Nullable Object> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(in));
        }
        return items;
    }

    /// A member that is an object; an empty one where it is none.
    public static Map<String, @Nullable Object> object(Map<String, @Nullable Object> of, String name) {
        Map<String, @Nullable Object> found = new LinkedHashMap<>();
        if (of.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> found.put(String.valueOf(key), value));
        }
        return found;
    }

    /// The objects in a member that is an array; none where it is none.
    public static List<Map<String, @Nullable Object>> objects(Map<String, @Nullable Object> of, String name) {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        if (of.get(name) instanceof List<?> list) {
            for (Object item : list) {
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put(name, item);
                found.add(object(one, name));
            }
        }
        return found;
    }

    /// A member as text; empty where there is none.
    public static String text(Map<String, @Nullable Object> of, String name) {
        Object value = of.get(name);
        return value == null ? "" : String.valueOf(value);
    }

    /// A member as a whole number; `otherwise` where it is none.
    public static long number(Map<String, @Nullable Object> of, String name, long otherwise) {
        return of.get(name) instanceof Number number ? number.longValue() : otherwise;
    }
}
