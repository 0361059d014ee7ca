package dev.hourglass.core.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What is known of an input before it is read.
public final class Head {
    /// Most bytes that a head holds.
    public static final int LENGTH = 65_536;
    /// What editors and shells put before UTF-8: the byte-order mark.
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String name;
    private final byte[] bytes;
    private final List<String> entries;

    /// @param name file name without the suffix of a compression
    /// @param bytes the first bytes after decompression, at most [#LENGTH]; empty for a directory
    /// @param entries names in a directory; empty for a file
    public Head(String name, byte[] bytes, List<String> entries) {
        this.name = name;
        this.bytes = bytes.clone();
        this.entries = List.copyOf(entries);
    }

    /// File name without the suffix of a compression.
    public String name() {
        return name;
    }

    /// Names in a directory; empty for a file.
    public List<String> entries() {
        return entries;
    }

    public boolean isDirectory() {
        return !entries.isEmpty();
    }

    /// Number of bytes known.
    public int length() {
        return bytes.length;
    }

    /// The bytes themselves.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// The bytes as text after a byte-order mark; what is not UTF-8 is replaced.
    public String text() {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /// The text after a byte-order mark and white space.
    public String stripped() {
        return text().stripLeading();
    }

    /// Whether the content begins, after a byte-order mark, with an ASCII text.
    public boolean startsWith(String ascii) {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        int from = hasMark() ? MARK.length : 0;
        int to = from + wanted.length;
        return bytes.length >= to && Arrays.equals(bytes, from, to, wanted, 0, wanted.length);
    }

    private boolean hasMark() {
        return bytes.length >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length);
    }
}
