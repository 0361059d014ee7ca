package dev.hourglass.core.read;

import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.Source;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Inputs that no reader reads, though it is clear what they are.
public final class ForeignFormat {
    /// Lines of a file by which a format for people is recognised.
    private static final int LINES_LOOKED_AT = 200;
    private static final Set<String> PACKED = Set.of(".gz", ".zst", ".zstd");

    private ForeignFormat() {}

    /// What an input is and what to do with it, in words that follow its name; empty where nobody knows.
    public static Optional<String> advice(Source source) {
        byte[] bytes = source.head().bytes();
        if (source.head().startsWith("PK\3\4")) {
            Path directory = sibling(source.path(), "");
            return Optional.of(
                    "a zip archive: run `unzip " + source.path() + " -d " + directory + "` and import " + directory);
        }
        if (printedForPeople(source.head())) {
            return Optional.of("counts as perf stat prints them for people: run it as"
                    + " `perf stat -j -o counts.json …` and import counts.json");
        }
        if (hasNoMark(bytes)) {
            return Optional.of("text in UTF-16 without a byte-order mark: write it again in UTF-8 and import that");
        }
        if (isPerfetto(source.head().name(), bytes)) {
            Path json = sibling(source.path(), ".json");
            return Optional.of("a trace in Perfetto's binary form: run `traceconv json " + source.path() + " " + json
                    + "` and import " + json);
        }
        return ForeignSamples.advice(source.head());
    }

    private static boolean printedForPeople(Head head) {
        return head.text()
                .lines()
                .limit(LINES_LOOKED_AT)
                .anyMatch(line -> line.strip().startsWith("Performance counter stats for "));
    }

    /// The file's name with another suffix.
    private static Path sibling(Path path, String suffix) {
        String name = String.valueOf(path.getFileName());
        String bare = withoutSuffix(PACKED.contains(suffixOf(name)) ? withoutSuffix(name) : name);
        return path.resolveSibling(
                (bare.isEmpty() || (bare + suffix).equals(name) ? name + ".unpacked" : bare) + suffix);
    }

    private static String withoutSuffix(String name) {
        return name.substring(0, name.length() - suffixOf(name).length());
    }

    /// The last point of a name and the letters behind it; empty where there is none.
    private static String suffixOf(String name) {
        int point = name.lastIndexOf('.');
        boolean lettered = point >= 0
                && point + 1 < name.length()
                && Fields.end(name, point + 1, c -> Fields.isLetter(c) || c == '-') == name.length();
        return lettered ? name.substring(point) : "";
    }

    /// Whether every second byte is zero, as in a text of mostly ASCII.
    private static boolean hasNoMark(byte[] bytes) {
        int zeros = 0;
        int length = Math.min(bytes.length, 64) & ~1;
        for (int i = 0; i < length; i++) {
            boolean zero = bytes[i] == 0;
            zeros += !zero ? 0 : i % 2 == 0 ? 1 : -1;
        }
        return length >= 8 && Math.abs(zeros) == length / 2;
    }

    /// Such a file is a message of protobuf that has nothing but fields number 1, its packets.
    private static boolean isPerfetto(String name, byte[] bytes) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean named = lower.endsWith(".pftrace") || lower.endsWith(".perfetto-trace");
        return bytes.length > 0 && bytes[0] == 0x0A && (named || new Packets(bytes).areWhole());
    }

    /// Walks over fields of protobuf.
    private static final class Packets {
        /// Whole packets after which the rest is believed to be packets too.
        private static final int PACKETS_THAT_TELL = 8;

        /// Ten bytes of seven bits.
        private static final int LONGEST_VARINT_BITS = 70;

        private final byte[] bytes;
        private int at;

        Packets(byte[] bytes) {
            this.bytes = bytes;
        }

        /// Whether the first packets, as far as they are known, consist of fields; at least one is.
        boolean areWhole() {
            int whole = 0;
            while (whole < PACKETS_THAT_TELL && at < bytes.length) {
                if (varint() != 0x0A) {
                    return false;
                }
                long length = varint();
                if (length <= 0 || length > bytes.length - at) {
                    return length > 0 && whole > 0;
                }
                if (!fields(at + (int) length)) {
                    return false;
                }
                whole++;
            }
            return whole > 0;
        }

        private boolean fields(int end) {
            while (at < end) {
                long tag = varint();
                long skip = switch ((int) (tag & 7)) {
                    case 0 -> varint() < 0 ? -1 : 0;
                    case 1 -> 8;
                    case 2 -> varint();
                    case 5 -> 4;
                    default -> -1;
                };
                if (tag < 8 || skip < 0 || skip > end - at) {
                    return false;
                }
                at += (int) skip;
            }
            return at == end;
        }

        /// The lowest 63 bits of a number; -1 where it does not end.
        private long varint() {
            long value = 0;
            for (int shift = 0; shift < LONGEST_VARINT_BITS && at < bytes.length; shift += 7) {
                byte b = bytes[at++];
                value |= (b & 0x7FL) << shift;
                if (b >= 0) {
                    return value & Long.MAX_VALUE;
                }
            }
            return -1;
        }
    }
}
