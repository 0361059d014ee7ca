package dev.hourglass.core.hardware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Devices whose data sheets are known.
public final class DeviceTable {
    /// Number formats of the peaks, in the order of the table's columns.
    public static final List<String> FORMATS = List.of("bf16", "fp32", "fp8", "int8", "fp4");

    private static final List<DeviceSpec> ALL = load();
    private static final int FIXED = 6;

    private DeviceTable() {}

    public static List<DeviceSpec> all() {
        return ALL;
    }

    /// The device of that name.
    public static Optional<DeviceSpec> find(String name) {
        return ALL.stream()
                .filter(device -> device.name().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /// The device whose row recognises what a driver or the system calls it: every word of the row's
    /// `known as` stands in the given name, the longest such row wins.
    public static Optional<DeviceSpec> recognise(String reported) {
        return Rows.recognise(reported);
    }

    private static List<DeviceSpec> load() {
        return Rows.ALL.stream().map(DeviceTable::device).toList();
    }

    private static DeviceSpec device(List<String> row) {
        Map<String, Double> peaks = new LinkedHashMap<>();
        for (int i = 0; i < FORMATS.size(); i++) {
            String tera = row.get(FIXED + i);
            if (!tera.equals("-")) {
                peaks.put(FORMATS.get(i), Double.parseDouble(tera) * 1e12);
            }
        }
        String memory = row.get(4);
        return new DeviceSpec(
                row.get(0),
                row.get(1),
                DeviceSpec.Kind.valueOf(row.get(2).toUpperCase(Locale.ROOT)),
                memory.equals("-") ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(memory) * 1e9),
                Double.parseDouble(row.get(5)) * 1e9,
                peaks,
                row.get(FIXED + FORMATS.size()),
                row.get(FIXED + FORMATS.size() + 1));
    }

    /// The data file's rows.
    private static final class Rows {
        private static final List<List<String>> ALL = read();

        private static List<List<String>> read() {
            try (InputStream in = DeviceTable.class.getResourceAsStream("devices.txt")) {
                if (in == null) {
                    throw new IllegalStateException("devices.txt is missing");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .map(line -> List.of(line.split("\\s*\\|\\s*")))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Optional<DeviceSpec> recognise(String reported) {
            List<String> words = words(reported);
            return ALL.stream()
                    .filter(row -> words.containsAll(words(row.get(3))))
                    .max(Comparator.comparingInt(row -> row.get(3).length()))
                    .flatMap(row -> find(row.getFirst()));
        }

        private static List<String> words(String text) {
            return List.of(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"));
        }
    }
}
