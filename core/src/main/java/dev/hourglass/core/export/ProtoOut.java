package dev.hourglass.core.export;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Protocol buffers by hand: varints, fixed numbers, and messages inside messages.
///
/// A message in it begins with [#begin(int)] and ends with [#end(int)], which puts the length before
/// what was written in between.
final class ProtoOut {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int LENGTH_ROOM = 5;

    private byte[] buffer = new byte[4096];
    private int size;

    ProtoOut varint(int field, long value) {
        key(field, VARINT);
        number(value);
        return this;
    }

    ProtoOut fixed64(int field, long value) {
        key(field, FIXED64);
        room(8);
        for (int i = 0; i < 8; i++) {
            buffer[size++] = (byte) (value >>> (8 * i));
        }
        return this;
    }

    ProtoOut real(int field, double value) {
        return fixed64(field, Double.doubleToRawLongBits(value));
    }

    ProtoOut text(int field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        key(field, BYTES);
        number(bytes.length);
        room(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
        return this;
    }

    /// Begins a message; what it answers is for [#end(int)].
    int begin(int field) {
        key(field, BYTES);
        room(LENGTH_ROOM);
        size += LENGTH_ROOM;
        return size;
    }

    /// Ends the message that `begin` began: its length goes before it, in as few bytes as it needs.
    void end(int begun) {
        int length = size - begun;
        int bytes = 1;
        for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
            bytes++;
        }
        int at = begun - LENGTH_ROOM;
        System.arraycopy(buffer, begun, buffer, at + bytes, length);
        size = at;
        number(length);
        size += length;
    }

    byte[] bytes() {
        return Arrays.copyOf(buffer, size);
    }

    void clear() {
        size = 0;
    }

    private void key(int field, int wireType) {
        number((long) field << 3 | wireType);
    }

    private void number(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    private void room(int bytes) {
        if (size + bytes > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + bytes));
        }
    }
}
