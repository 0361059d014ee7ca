package dev.hourglass.core.read;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// What a reader made of an input: rows per table in order, counts, clock.
public final class Imported {
    private final Map<String, List<Map<String, Object>>> rows = new HashMap<>();
    private final ImportContext context = ImportContext.standalone();

    private Imported() {}

    /// Reads bytes as if they were a file of that name.
    public static Imported of(TraceReader reader, String name, byte[] bytes) {
        return of(reader, new Memory(name, bytes));
    }

    public static Imported of(TraceReader reader, Source source) {
        Imported imported = new Imported();
        try {
            reader.read(source, imported::take, imported.context);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return imported;
    }

    public static Imported of(TraceReader reader, String text) {
        return of(reader, "input", text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] resource(String name) {
        try (InputStream in = Imported.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return (name.endsWith(".gz") ? new GZIPInputStream(in) : in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Head head(String name, byte[] bytes) {
        return new Head(name, Arrays.copyOf(bytes, Math.min(bytes.length, Head.LENGTH)), List.of());
    }

    /// Rows of a table; a column that is NULL is absent.
    public List<Map<String, Object>> rows(Table table) {
        return rows.getOrDefault(table.name(), List.of());
    }

    /// The columns of each row that are asked for, joined by ` | `; `-` for NULL.
    public List<String> table(Table table, String... columns) {
        return rows(table).stream()
                .map(row -> String.join(
                        " | ",
                        Arrays.stream(columns)
                                .map(c -> String.valueOf(row.getOrDefault(c, "-")))
                                .toList()))
                .toList();
    }

    public ImportContext context() {
        return context;
    }

    /// Losses as `severity kind count`.
    public List<String> losses() {
        return context.stats().losses().stream()
                .map(loss -> loss.severity().word() + " " + loss.kind() + " " + loss.count())
                .toList();
    }

    public Optional<ImportStats.Loss> loss(String kind) {
        return context.stats().losses().stream()
                .filter(loss -> loss.kind().equals(kind))
                .findFirst();
    }

    /// Rows of all tables.
    public int size() {
        return rows.values().stream().mapToInt(List::size).sum();
    }

    private synchronized void take(EventBatch batch) {
        List<Map<String, Object>> table = rows.computeIfAbsent(batch.table().name(), name -> new ArrayList<>());
        for (int r = 0; r < batch.size(); r++) {
            Map<String, Object> row = new LinkedHashMap<>();
            for (int c = 0; c < batch.table().columns().size(); c++) {
                Object value = value(batch, c, r);
                if (value != null) {
                    row.put(batch.table().columns().get(c).name(), value);
                }
            }
            table.add(row);
        }
    }

    private static Object value(EventBatch batch, int c, int r) {
        if (batch.isNull(c, r)) {
            return null;
        }
        return switch (batch.table().columns().get(c).type()) {
            case LONG -> batch.longs(c)[r];
            case BOOLEAN -> batch.longs(c)[r] != 0;
            case DOUBLE -> batch.doubles(c)[r];
            case TEXT -> batch.texts(c)[r] == null ? null : new String(batch.texts(c)[r], StandardCharsets.UTF_8);
        };
    }

    /// A file in memory.
    private record Memory(String name, byte[] bytes) implements Source {
        @Override
        public Head head() {
            return Imported.head(name, bytes);
        }

        @Override
        public Path path() {
            return Path.of(name);
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public Optional<Path> plainFile() {
            return Optional.empty();
        }

        @Override
        public Source resolve(String entry) {
            throw new UnsupportedOperationException(entry);
        }
    }
}
