package dev.hourglass.core.model.keys;

import dev.hourglass.core.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// A JSON value that remembers where it stood, so that a complaint about it can name the place.
///
/// Reads what Python writes: `Infinity` and `NaN` are numbers, the last of two equal keys counts.
/// Depth, length and size are limited, so that a hostile file ends in a message.
public sealed interface Json {
    /// Byte offset of the value in its file.
    long offset();

    /// The value as a person would recognise it, cut where it is long.
    String shown();

    record Obj(long offset, Map<String, Json> members) implements Json {
        @Override
        public String shown() {
            return "an object";
        }
    }

    record Arr(long offset, List<Json> items) implements Json {
        @Override
        public String shown() {
            return "an array of " + items.size();
        }
    }

    record Text(long offset, String value) implements Json {
        /// Characters of a text that a message shows.
        private static final int LONGEST_SHOWN = 40;

        @Override
        public String shown() {
            return '"' + (value.length() > LONGEST_SHOWN ? value.substring(0, LONGEST_SHOWN) + "…" : value) + '"';
        }
    }

    /// @param whole the number where it is a whole one that fits, otherwise [Long#MIN_VALUE]
    record Num(long offset, double value, long whole) implements Json {
        public static final long NOT_WHOLE = Long.MIN_VALUE;

        @Override
        public String shown() {
            return whole == NOT_WHOLE ? Double.toString(value) : Long.toString(whole);
        }
    }

    record Bool(long offset, boolean value) implements Json {
        @Override
        public String shown() {
            return Boolean.toString(value);
        }
    }

    record Null(long offset) implements Json {
        @Override
        public String shown() {
            return "null";
        }
    }

    /// Reads a file that holds one JSON object.
    ///
    /// @throws ModelException if it cannot be read or is no JSON object
    static Obj read(Path file) {
        try {
            if (Files.size(file) > Reader.MAX_BYTES) {
                throw new ModelException(
                        file + ": larger than " + (Reader.MAX_BYTES >> 20) + " MiB, expected a config");
            }
            return parse(file.toString(), Files.readAllBytes(file), 0);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage());
        }
    }

    /// Parses one JSON object.
    ///
    /// @param source how messages name the bytes
    /// @param base what messages add to an offset in the bytes
    static Obj parse(String source, byte[] bytes, long base) {
        return new Reader(source, base).object(bytes);
    }

    /// Builds the tree from the token stream.
    final class Reader {
        static final long MAX_BYTES = 256L << 20;

        private static final int MAX_DEPTH = 100;
        private static final JsonFactory FACTORY = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();

        private final String source;
        private final long base;

        private Reader(String source, long base) {
            this.source = source;
            this.base = base;
        }

        private Obj object(byte[] bytes) {
            try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
                if (in.nextToken() != JsonToken.START_OBJECT) {
                    throw new ModelException(source, base, "a JSON object");
                }
                Obj read = members(in);
                if (in.nextToken() != null) {
                    throw new ModelException(source, place(in), "nothing behind the JSON object");
                }
                return read;
            } catch (StreamReadException e) {
                throw new ModelException(source + ": at byte "
                        + (base + e.getLocation().getByteOffset()) + ": not JSON: " + firstLine(e));
            } catch (StreamConstraintsException e) {
                throw new ModelException(source + ": " + firstLine(e));
            } catch (JacksonException e) {
                throw new ModelException(source + ": not JSON in UTF-8: " + firstLine(e));
            }
        }

        private Obj members(JsonParser in) {
            long offset = place(in);
            Map<String, Json> members = new LinkedHashMap<>();
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String name = in.currentName();
                in.nextToken();
                members.put(name, value(in));
            }
            return new Obj(offset, members);
        }

        private Json value(JsonParser in) {
            long offset = place(in);
            return switch (in.currentToken()) {
                case START_OBJECT -> members(in);
                case START_ARRAY -> items(in, offset);
                case VALUE_STRING -> new Text(offset, in.getString());
                case VALUE_TRUE -> new Bool(offset, true);
                case VALUE_FALSE -> new Bool(offset, false);
                case VALUE_NULL -> new Null(offset);
                case VALUE_NUMBER_INT -> whole(in, offset);
                case VALUE_NUMBER_FLOAT -> real(in.getDoubleValue(), offset);
                default -> throw new ModelException(source, offset, "a JSON value");
            };
        }

        private Arr items(JsonParser in, long offset) {
            List<Json> items = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(in));
            }
            return new Arr(offset, items);
        }

        private static Num whole(JsonParser in, long offset) {
            return switch (in.getNumberType()) {
                case INT, LONG -> new Num(offset, in.getLongValue(), in.getLongValue());
                default -> new Num(offset, in.getDoubleValue(), Num.NOT_WHOLE);
            };
        }

        private static Num real(double value, long offset) {
            boolean whole = value == Math.rint(value) && Math.abs(value) < 0x1p53;
            return new Num(offset, value, whole ? (long) value : Num.NOT_WHOLE);
        }

        private long place(JsonParser in) {
            return base + in.currentTokenLocation().getByteOffset();
        }

        private static String firstLine(Exception e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
        }
    }
}
