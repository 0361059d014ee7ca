package dev.hourglass.core.fuzz;

import java.util.List;

/// What formats hold in no recording, and readers must expect.
final class Nasty {
    /// Beyond what 64 bits, a double or a clock hold, and around nothing.
    static final List<String> NUMBERS = List.of(
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "4611686018427387903",
            "4611686018427387904",
            "-2305843009213693952",
            "9223372036854775.807",
            "4611686018427387.903",
            "1e300",
            "-1e300",
            "1e18",
            "-1",
            "0",
            "-0",
            "18446744073709551615",
            "2147483648",
            "4294967296",
            "170141183460469231731687303715884105727",
            "1e20000000",
            "1e-20000000",
            "1e99999999999",
            "0x7fffffffffffffff",
            "007",
            "1.",
            ".5",
            "1,5",
            "NaN",
            "-inf",
            "null");

    static final List<String> TEXTS = List.of(
            "",
            " ",
            "\0",
            "\u0007",
            "\u001b[2J",
            "\u0085\u2028",
            "\u202e",
            "\ufeff",
            "\uffff",
            "é",
            "\ud83d\ude00",
            "\\u00e9",
            "\\ud83d",
            "\\",
            "\"",
            "\"\"",
            "'",
            ",",
            ";",
            ":",
            "\t",
            "\r",
            "\r\n",
            "#",
            "%s",
            "{}",
            "[]",
            "[N/A]",
            "<not counted>",
            "../../etc/passwd",
            "'; DROP TABLE slice; --",
            "=1+1",
            "<script>");

    /// In the place of a value of JSON.
    static final List<String> VALUES = List.of(
            "null",
            "true",
            "{}",
            "[]",
            "\"\"",
            "\"é\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "{\"local\":\"é\"}",
            "{\"a\":{\"a\":[[]]}}",
            "[1,[2,[3]]]",
            "1e20000000",
            "-9223372036854775808",
            "\"9223372036854775807\"",
            "NaN",
            "-Infinity",
            "tru",
            "{\"a\":",
            "[1,",
            "\"");

    /// Bytes that are a mark or a beginning somewhere.
    static final List<byte[]> BYTES = List.of(
            new byte[] {0},
            new byte[] {(byte) 0xff},
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xff, (byte) 0xfe},
            new byte[] {(byte) 0xfe, (byte) 0xff},
            new byte[] {0, 0, (byte) 0xfe, (byte) 0xff},
            new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf},
            new byte[] {0x1f, (byte) 0x8b, 8, 0},
            new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd},
            new byte[] {'{', 0, 0, 0},
            new byte[] {0, 0, 0, '{'});

    private Nasty() {}
}
