package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.text.CsvLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;

/// Rows as text, beside the same rows written value by value with no memory of earlier ones.
final class RowPrinterTest {
    private static final List<String> NAMES = List.of("id", "a name, quoted", "\"x\"", "<b>", "r");
    private static final List<String> TYPES = List.of("BIGINT", "VARCHAR", "VARCHAR", "BOOLEAN", "DOUBLE");
    private static final List<String> HOSTILE = List.of(
            "",
            "plain",
            "a,b",
            "say \"so\"",
            "two\nlines",
            "cr\rhere",
            "\u0000\u0007\u001b[31m",
            "grüße 日本 🎈",
            "</script>",
            "back\\slash",
            "NULL",
            " ",
            "\u2028\u2029\u0085\u007f",
            "=1+1");

    @Test
    void csvIsWhatEachFieldIsByItself() {
        List<@Nullable Object[]> rows = rows();

        assertThat(print(out -> new RowPrinter.Csv(out, CsvLines.Formulas.KEPT), rows))
                .isEqualTo(line(NAMES.toArray())
                        + rows.stream().map(RowPrinterTest::line).collect(Collectors.joining()));
    }

    /// What a spreadsheet would compute is text for it; numbers stay numbers.
    @Test
    void formulasAreDisarmed() {
        List<@Nullable Object[]> rows = new ArrayList<>();
        rows.add(new @Nullable Object[] {-5L, "=cmd|' /C calc'!A0", "@SUM(A1)", "-5.5", -1.5});
        rows.add(new @Nullable Object[] {1L, "+1+1", "-1-1", "\t=1", "＝1"});
        rows.add(new @Nullable Object[] {null, "", "a=b", "+7", "=x,y"});

        assertThat(print(out -> new RowPrinter.Csv(out, CsvLines.Formulas.DISARMED), rows)
                        .lines()
                        .skip(1))
                .containsExactly(
                        "-5,'=cmd|' /C calc'!A0,'@SUM(A1),-5.5,-1.5",
                        "1,'+1+1,'-1-1,'\t=1,'＝1",
                        ",\"\",a=b,+7,\"'=x,y\"");
    }

    private static String line(@Nullable Object[] values) {
        return Arrays.stream(values).map(RowPrinterTest::csv).collect(Collectors.joining(",", "", "\n"));
    }

    /// A field of RFC 4180, the empty text told from NULL.
    private static String csv(@Nullable Object value) {
        String text = Cells.plain(value);
        boolean quoted = text.matches("(?s).*[,\"\r\n].*") || (value instanceof String && text.isEmpty());
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    @Test
    void jsonIsWhatTheGeneratorWrites() {
        List<@Nullable Object[]> rows = rows();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (JsonGenerator json = dev.hourglass.core.text.Json.lines(expected)) {
            json.writeStartArray();
            for (@Nullable Object[] row : rows) {
                json.writeStartObject();
                for (int i = 0; i < row.length; i++) {
                    json.writeName(NAMES.get(i));
                    dev.hourglass.core.text.Json.value(json, row[i]);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }

        assertThat(print(out -> new RowPrinter.Json(out), rows))
                .isEqualTo(expected.toString(StandardCharsets.UTF_8) + "\n");
    }

    @Test
    void columnsOfATableAreThoseOfTheTerminal() {
        List<@Nullable Object[]> rows = List.of(
                new @Nullable Object[] {1L, "日本", "x", true, 0.5}, new @Nullable Object[] {2L, "a", "y", true, 0.5});
        List<String> lines =
                print(out -> new RowPrinter.Table(out, 0), rows).lines().toList();
        assertThat(lines.get(2)).startsWith(" 1  日本" + " ".repeat(14 - 4 + 2) + "x");
        assertThat(lines.get(3)).startsWith(" 2  a" + " ".repeat(14 - 1 + 2) + "y");
    }

    @Test
    void numbersReadBackAsThemselves() {
        for (double value :
                new double[] {0.001, 0.0011, 1e7, 9999999.5, 123456.789, 0.1, 1.0, -2.5, 1e-6, 5e14, -0.0}) {
            String text = Cells.plain(value);
            assertThat(Double.parseDouble(text)).isEqualTo(value + 0.0);
            assertThat(text).doesNotContain("E");
        }
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            double value = (random.nextBoolean() ? 1 : -1) * Math.pow(10, random.nextInt(20) - 5) * random.nextDouble();
            double whole = Math.rint(value);
            assertThat(Cells.plain(value)).isEqualTo(decimal(value));
            assertThat(Cells.plain(whole)).isEqualTo(decimal(whole));
        }
        assertThat(Cells.plain(1.0)).isEqualTo("1.0");
        assertThat(Cells.plain(12345678.0)).isEqualTo("12345678.0");
        assertThat(Cells.plain(-0.0)).isEqualTo("0.0");
        assertThat(Cells.plain(1e15)).isEqualTo("1.0E15");
        assertThat(Cells.plain(Double.NaN)).isEqualTo("NaN");
    }

    @Test
    void floatsAndDecimalsKeepTheirDigits() {
        assertThat(Cells.plain(0.1f)).isEqualTo("0.1");
        assertThat(Cells.plain(16777216f)).isEqualTo("16777216.0");
        assertThat(Cells.plain(Float.NaN)).isEqualTo("NaN");
        assertThat(Cells.plain(new BigDecimal("1.10"))).isEqualTo("1.10");
        assertThat(Cells.plain(new BigDecimal("0E-10"))).isEqualTo("0.0000000000");
        assertThat(Cells.plain(new BigInteger("5525943415072390064268"))).isEqualTo("5525943415072390064268");
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(value)) {
                assertThat(new BigDecimal(Cells.plain(value)))
                        .isEqualByComparingTo(new BigDecimal(Float.toString(value)));
            }
        }
    }

    @Test
    void rowsWithListsStayOnTheirLines() {
        Map<String, Object> struct = new LinkedHashMap<>();
        struct.put("x", List.of(1L, List.of(), 2L));
        struct.put("y", new BigDecimal("1.10"));
        List<@Nullable Object[]> rows = List.of(
                new @Nullable Object[] {1L, List.of("a", "b"), struct, true, 0.1f},
                new @Nullable Object[] {new BigInteger("18446744073709551615"), List.of(), Map.of(), null, null});

        assertThat(print(out -> new RowPrinter.Json(out), rows).lines().map(String::strip))
                .containsExactly(
                        "[",
                        "{\"id\": 1, \"a name, quoted\": [\"a\",\"b\"], \"\\\"x\\\"\": {\"x\": [1,[],2], \"y\": 1.10},"
                                + " \"<b>\": true, \"r\": 0.1},",
                        "{\"id\": 18446744073709551615, \"a name, quoted\": [], \"\\\"x\\\"\": {}, \"<b>\": null, \"r\": null}",
                        "]");
        assertThat(print(out -> new RowPrinter.Csv(out, CsvLines.Formulas.KEPT), rows)
                        .lines()
                        .skip(1))
                .containsExactly("1,\"[a, b]\",\"{x=[1, [], 2], y=1.10}\",true,0.1", "18446744073709551615,[],{},,");
    }

    /// As the decimal library writes it.
    private static String decimal(double value) {
        if (value != 0 && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-6)) {
            return Double.toString(value);
        }
        BigDecimal plain = new BigDecimal(Double.toString(value));
        return (value == Math.rint(value) ? plain.setScale(1) : plain).toPlainString();
    }

    @Test
    void stopsWhenNobodyReads() {
        int[] taken = {0};
        PrintStream closed = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                taken[0]++;
                throw new IOException("Broken pipe");
            }
        });
        RowPrinter.Csv csv = new RowPrinter.Csv(closed, CsvLines.Formulas.KEPT);
        csv.columns(NAMES, TYPES);
        for (int i = 0; i < 100_000; i++) {
            csv.row(new Object[] {(long) i, "name", "name", true, 0.5});
        }
        csv.end();

        assertThat(taken[0]).isBetween(1, 2);
        assertThat(csv.count()).isEqualTo(100_000);
    }

    private static List<@Nullable Object[]> rows() {
        Random random = new Random(11);
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (long n : new long[] {0, -1, 9, 10, 99, Long.MAX_VALUE, Long.MIN_VALUE, -10, 1234567890123456789L}) {
            rows.add(new @Nullable Object[] {n, "", null, null, null});
        }
        for (int i = 0; i < 30_000; i++) {
            String text = switch (i % 4) {
                case 0 -> HOSTILE.get(random.nextInt(HOSTILE.size()));
                case 1 -> "fresh " + i;
                case 2 -> "again " + random.nextInt(50) + HOSTILE.get(random.nextInt(HOSTILE.size()));
                default -> i % 1003 == 3 ? "long,".repeat(400 + random.nextInt(3) * 20_000) : "x";
            };
            rows.add(new @Nullable Object[] {
                random.nextLong() >> random.nextInt(64),
                text,
                HOSTILE.get(random.nextInt(HOSTILE.size())),
                random.nextBoolean(),
                Double.longBitsToDouble(random.nextLong())
            });
            rows.add(new @Nullable Object[] {(long) i, null, text, null, random.nextInt(1000) / 8.0});
        }
        return rows;
    }

    private interface Printers {
        RowPrinter on(PrintStream out);
    }

    private static String print(Printers printers, List<@Nullable Object[]> rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        RowPrinter printer = printers.on(out);
        printer.columns(NAMES, TYPES);
        rows.forEach(printer::row);
        printer.end();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
