package dev.hourglass.core.read.chrome;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The members of JSON objects as they stand, by their names.
final class RawMembers extends JsonCursor {
    private final Map<String, byte[]> members = new LinkedHashMap<>();

    private RawMembers() {}

    /// Two objects as one: the members of the first, then those of the second; where both have a name, the second's
    /// member stands in the place of the first's.
    static byte[] merged(byte[] first, byte[] second) {
        RawMembers both = new RawMembers();
        try {
            both.read(first);
            both.read(second);
        } catch (Malformed | NeedMore e) {
            return joined(first, second);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(first.length + second.length);
        String before = "{";
        for (byte[] member : both.members.values()) {
            out.writeBytes(before.getBytes(StandardCharsets.UTF_8));
            out.writeBytes(member);
            before = ", ";
        }
        out.writeBytes((both.members.isEmpty() ? "{}" : "}").getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /// What could only be read leniently, member behind member.
    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(first.length + second.length);
        out.write(first, 0, first.length - 1);
        out.write(',');
        out.write(second, 1, second.length - 1);
        return out.toByteArray();
    }

    private void read(byte[] json) {
        reset(Arrays.copyOf(json, json.length + PADDING), 0, json.length);
        expect('{');
        while (true) {
            int c = peek();
            if (c == '}') {
                return;
            }
            if (c == ',') {
                position++;
                continue;
            }
            int from = position;
            expect('"');
            string();
            String name = new String(text, textFrom, textTo - textFrom, StandardCharsets.UTF_8);
            expect(':');
            skipValue();
            members.put(name, Arrays.copyOfRange(buffer, from, position));
        }
    }
}
