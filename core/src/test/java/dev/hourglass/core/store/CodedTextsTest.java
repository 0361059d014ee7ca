package dev.hourglass.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TextTable;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is written column by column, and texts by their numbers, comes back as it was.
final class CodedTextsTest {
    private static final int KEY = TraceTables.ARG_VALUE.indexOf("key");
    private static final int TEXT = TraceTables.ARG_VALUE.indexOf("string_value");
    private static final int INTEGER = TraceTables.ARG_VALUE.indexOf("int_value");
    private static final int REAL = TraceTables.ARG_VALUE.indexOf("real_value");

    @TempDir
    private Path directory = Path.of(".");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Texts of every length around those at which they are held otherwise.
    private static List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (int length = 0; length <= 40; length++) {
            texts.add("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH".substring(0, length));
        }
        texts.add("größer");
        texts.add("nach dem zwölften Zeichen: 時間");
        texts.add("x".repeat(3_000_000));
        return texts;
    }

    private static EventBatch batch(List<String> texts, int rows, long seed) {
        TextTable table = number -> utf8(texts.get(number));
        Random random = new Random(seed);
        EventBatch batch = new EventBatch(TraceTables.ARG_VALUE, rows);
        int[] codes = batch.codes(TEXT, table);
        for (int row = 0; row < rows; row++) {
            batch.longs(0)[row] = row;
            batch.texts(KEY)[row] = utf8("key");
            codes[row] = random.nextInt(texts.size() + 1) - 1;
            if (row % 3 == 0) {
                batch.setNull(INTEGER, row);
            } else {
                batch.longs(INTEGER)[row] = row * 7L;
            }
            if (row % 5 == 0) {
                batch.setNull(REAL, row);
            } else {
                batch.doubles(REAL)[row] = row / 4.0;
            }
        }
        batch.setSize(rows);
        return batch;
    }

    @Test
    void textsByNumberComeBackWithTheirNulls() {
        List<String> texts = texts();
        int rows = 5_001;
        EventBatch batch = batch(texts, rows, 1);
        try (TraceStore store = TraceStore.create(directory.resolve("session.duckdb"), BlockSize.SMALL)) {
            store.accept(batch);
            List<String> found =
                    store.texts("SELECT coalesce(md5(string_value), 'none') FROM arg_value ORDER BY arg_set_id");
            List<String> wanted = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                byte[] text = batch.texts(TEXT)[row];
                wanted.add(text == null ? "none" : md5(text));
            }
            assertThat(found).isEqualTo(wanted);
            assertThat(store.number("SELECT count(*) FROM arg_value WHERE (int_value IS NULL) <> (arg_set_id % 3 = 0)"
                            + " OR int_value <> arg_set_id * 7 OR (real_value IS NULL) <> (arg_set_id % 5 = 0)"
                            + " OR real_value <> arg_set_id / 4.0"))
                    .isZero();
        }
    }

    @Test
    void textsThatDoNotFitTheMemoryForThemComeBackToo() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            texts.add((char) ('a' + i) + "y".repeat(4 << 20));
        }
        EventBatch batch = new EventBatch(TraceTables.ARG_VALUE, texts.size());
        int[] codes = batch.codes(TEXT, number -> utf8(texts.get(number)));
        for (int row = 0; row < texts.size(); row++) {
            batch.longs(0)[row] = row;
            batch.setNull(INTEGER, row);
            batch.setNull(REAL, row);
            batch.setNull(KEY, row);
            codes[row] = texts.size() - 1 - row;
        }
        batch.setSize(texts.size());
        try (TraceStore store = TraceStore.create(directory.resolve("session.duckdb"), BlockSize.SMALL)) {
            store.accept(batch);
            assertThat(store.texts("SELECT string_value[1] || length(string_value) FROM arg_value ORDER BY arg_set_id"))
                    .containsExactlyElementsOf(texts.reversed().stream()
                            .map(text -> text.substring(0, 1) + text.length())
                            .toList());
        }
    }

    private static String md5(byte[] text) {
        try {
            return java.util.HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("MD5").digest(text));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
