package dev.hourglass.core.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Damages bytes by rules that know numbers, texts, JSON, lines and binary lengths. The same seed makes the same
/// damage.
final class Mutator {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\d_.:-]*");
    private static final Pattern VALUE =
            Pattern.compile("(?<=[:\\[,]) ?(?:\"[^\"\\n]*\"|-?[\\d.]+|\\{\\}|\\[\\]|true|false|null)");
    /// Tokens of a text are looked for this far.
    private static final int SEARCHED = 1 << 16;
    private static final long[] SIZES = {
        0,
        1,
        -1,
        2,
        4,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        1 << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        1L << 62
    };

    private final Random random;
    private final int longest;

    /// @param longest bytes of what is repeated
    Mutator(long seed, int longest) {
        this.random = new Random(seed);
        this.longest = longest;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /// One to four pieces of damage.
    byte[] damaged(byte[] whole, byte[] other) {
        byte[] bytes = whole;
        for (int n = 1 + random.nextInt(1 + random.nextInt(4)); n > 0; n--) {
            bytes = bytes.length == 0 ? Nasty.BYTES.get(random.nextInt(Nasty.BYTES.size())) : step(bytes, other);
        }
        return bytes;
    }

    private byte[] step(byte[] bytes, byte[] other) {
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(1 + random.nextInt(200)));
        return switch (random.nextInt(18)) {
            case 0 -> flipped(bytes, at);
            case 1 -> spliced(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
            case 2 -> spliced(bytes, at, at, one(Nasty.BYTES));
            case 3 -> spliced(bytes, at, at, utf8(one(Nasty.TEXTS)));
            case 4 -> spliced(bytes, at, at + length, new byte[0]);
            case 5 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
            case 6 -> Arrays.copyOf(bytes, at);
            case 7, 8, 9 -> token(bytes, NUMBER, one(Nasty.NUMBERS));
            case 10, 11 -> token(bytes, WORD, one(Nasty.TEXTS));
            case 12, 13 -> token(bytes, VALUE, one(Nasty.VALUES));
            case 14 -> lines(bytes);
            case 15 -> repeated(bytes, at, length);
            case 16 -> size(bytes, at);
            default -> crossed(bytes, at, other);
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) (1 << random.nextInt(8));
        return copy;
    }

    private byte[] token(byte[] bytes, Pattern kind, String by) {
        int from = Math.max(0, random.nextInt(bytes.length) - SEARCHED / 2);
        int to = Math.min(bytes.length, from + SEARCHED);
        Matcher found = kind.matcher(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        List<int[]> tokens = new ArrayList<>();
        while (found.find()) {
            tokens.add(new int[] {from + found.start(), from + found.end()});
        }
        if (tokens.isEmpty()) {
            return spliced(bytes, from, from, utf8(by));
        }
        int[] token = one(tokens);
        return spliced(bytes, token[0], token[1], utf8(by));
    }

    /// Drops, doubles or moves a line.
    private byte[] lines(byte[] bytes) {
        List<byte[]> lines = split(bytes);
        int at = random.nextInt(lines.size());
        byte[] line = lines.get(at);
        switch (random.nextInt(3)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), line);
            default -> lines.add(random.nextInt(lines.size()), lines.remove(at));
        }
        return joined(lines);
    }

    /// Repeats a piece, or a byte that means something, very often.
    private byte[] repeated(byte[] bytes, int at, int length) {
        byte[] piece = random.nextBoolean()
                ? Arrays.copyOfRange(bytes, at, at + length)
                : utf8(one(List.of(
                        " ", ",", "[", "{\"a\":", "\"", "9", "0", ";", "\t", "(", "<", "e", "\\", "\n", ":", "é")));
        int times = Math.max(1, random.nextInt(1 + random.nextInt(longest)) / piece.length);
        byte[] many = new byte[piece.length * times];
        for (int i = 0; i < many.length; i++) {
            many[i] = piece[i % piece.length];
        }
        return spliced(bytes, at, at, many);
    }

    /// Writes a binary integer of 1 to 8 bytes.
    private byte[] size(byte[] bytes, int at) {
        int width = 1 << random.nextInt(4);
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES)
                .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        all.putLong(SIZES[random.nextInt(SIZES.length)]);
        byte[] value = all.order() == ByteOrder.LITTLE_ENDIAN
                ? Arrays.copyOf(all.array(), width)
                : Arrays.copyOfRange(all.array(), Long.BYTES - width, Long.BYTES);
        return spliced(bytes, at, Math.min(bytes.length, at + width), value);
    }

    private byte[] crossed(byte[] bytes, int at, byte[] other) {
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        return spliced(bytes, at, bytes.length, Arrays.copyOfRange(other, from, other.length));
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] by) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + by.length);
        out.write(bytes, 0, from);
        out.writeBytes(by);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    /// The lines without their ends; the last one is what stands behind the last end.
    static List<byte[]> split(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, from, i));
                from = i + 1;
            }
        }
        lines.add(Arrays.copyOfRange(bytes, from, bytes.length));
        return lines;
    }

    static byte[] joined(List<byte[]> lines) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < lines.size(); i++) {
            if (i > 0) {
                out.write('\n');
            }
            out.writeBytes(lines.get(i));
        }
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
