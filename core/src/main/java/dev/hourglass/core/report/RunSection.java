package dev.hourglass.core.report;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The section of a report that says how the recording came to be: its facts, by what they are of.
final class RunSection {
    private RunSection() {}

    static Section of(Map<String, String> all) {
        Map<String, List<Block.Fact>> groups = new LinkedHashMap<>();
        for (String first : List.of("run", "model", "engine", "host")) {
            groups.put(first, new ArrayList<>());
        }
        for (Map.Entry<String, String> fact : new TreeMap<>(all).entrySet()) {
            int dot = fact.getKey().indexOf('.');
            String group = dot < 0 ? "run" : fact.getKey().substring(0, dot);
            String name = fact.getKey().substring(dot + 1);
            groups.computeIfAbsent(group, g -> new ArrayList<>())
                    .add(new Block.Fact(name.replace('_', ' '), readable(name, fact.getValue())));
        }
        groups.values().removeIf(List::isEmpty);
        return new Section(
                "run",
                "The run",
                groups.entrySet().stream()
                        .map(e -> (Block) new Block.Facts(groupTitle(e.getKey()), e.getValue()))
                        .toList());
    }

    private static String groupTitle(String group) {
        return switch (group) {
            case "host" -> "Machine";
            case "run" -> "Command and settings";
            default -> group.isEmpty() ? "Other" : group.substring(0, 1).toUpperCase(Locale.ROOT) + group.substring(1);
        };
    }

    /// Bytes and counts are stored as plain numbers; a person reads them scaled.
    private static String readable(String name, String value) {
        if (!value.matches("\\d{5,15}")) {
            return value;
        }
        return name.endsWith("bytes")
                ? Format.value(Double.parseDouble(value), Unit.BYTES)
                : Format.value(Double.parseDouble(value), Unit.COUNT);
    }
}
