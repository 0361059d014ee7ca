package dev.hourglass.core.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The lines of a text input, each with the byte offset of its start.
///
/// Text is repaired, never refused: malformed UTF-8 and control characters other than the tab become
/// U+FFFD, what a line has beyond [#LONGEST_LINE_BYTES] bytes is dropped, and both are counted. A compressed
/// stream that breaks off behind its first bytes ends the input and is remembered in [#failure()].
public final class TextLines {
    /// Longest line that is kept whole.
    static final int LONGEST_LINE_BYTES = 1 << 20;

    /// Bytes that are read at once.
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long consumed;
    private byte[] line = new byte[1024];
    private int length;
    private long start;
    private long number;
    private long repaired;
    private long overlong;
    private boolean ended = true;
    private @Nullable IOException failure;

    TextLines(InputStream in) {
        this.in = in;
    }

    /// The next line without its end, or null after the last one.
    @Nullable
    String next() throws IOException {
        if (position == limit && !fill()) {
            return null;
        }
        start = consumed;
        length = 0;
        ended = false;
        boolean tooLong = false;
        while (position < limit || fill()) {
            int end = indexOfNewline();
            tooLong |= append(end);
            consumed += end - position;
            position = end;
            if (end < limit) {
                position++;
                consumed++;
                ended = true;
                break;
            }
        }
        overlong += tooLong ? 1 : 0;
        number++;
        return text();
    }

    /// Byte offset at which the last line begins.
    long offset() {
        return start;
    }

    /// Bytes read so far.
    long consumed() {
        return consumed;
    }

    /// Number of the last line, from 1.
    long number() {
        return number;
    }

    /// Whether the last line had its line end; a line without one may be cut.
    boolean ended() {
        return ended && !brokenOff();
    }

    /// Whether the stream broke off instead of ending.
    boolean brokenOff() {
        return failure != null && !(failure instanceof DamagedArchiveException);
    }

    /// What ended the input early, or was found wrong at its end.
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /// Lines in which bytes were replaced.
    long repaired() {
        return repaired;
    }

    /// Lines of which the end was dropped.
    long overlong() {
        return overlong;
    }

    private int indexOfNewline() {
        int i = position;
        while (i < limit && buffer[i] != '\n') {
            i++;
        }
        return i;
    }

    private boolean append(int end) {
        int room = Math.min(end - position, LONGEST_LINE_BYTES - length);
        if (length + room > line.length) {
            line = Arrays.copyOf(line, Math.max(line.length * 2, length + room));
        }
        System.arraycopy(buffer, position, line, length, room);
        length += room;
        return room < end - position;
    }

    private boolean fill() throws IOException {
        position = 0;
        try {
            limit = Math.max(0, in.read(buffer));
        } catch (IOException e) {
            if (consumed == 0) {
                throw e;
            }
            failure = e;
            limit = 0;
        }
        return limit > 0;
    }

    private String text() {
        int from = number == 1 && startsWithMark() ? 3 : 0;
        int to = length > from && line[length - 1] == '\r' ? length - 1 : length;
        String text = new String(line, from, to - from, StandardCharsets.UTF_8);
        String clean = clean(text);
        if (!clean.equals(text) || (text.indexOf('\uFFFD') >= 0)) {
            repaired++;
        }
        return clean;
    }

    private boolean startsWithMark() {
        return length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF;
    }

    /// The text with control characters other than the tab replaced.
    public static String clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i)) && text.charAt(i) != '\t') {
                return replaceControls(text);
            }
        }
        return text;
    }

    private static String replaceControls(String text) {
        char[] chars = text.toCharArray();
        for (int i = 0; i < chars.length; i++) {
            if (Character.isISOControl(chars[i]) && chars[i] != '\t') {
                chars[i] = '\uFFFD';
            }
        }
        return new String(chars);
    }
}
