package dev.hourglass.core.read.text;

import dev.hourglass.core.read.CsvLine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Header of one table of Nsight Compute, and what it says about the records below it.
///
/// @param header column names in order
/// @param columns position of each name
/// @param units unit per column on the raw page; empty on the details page
record NcuTable(List<String> header, Map<String, Integer> columns, List<String> units) {
    private static final List<String> IDENTITY = List.of(
            "ID",
            "Process ID",
            "Process Name",
            "Host Name",
            "Kernel Name",
            "Kernel Time",
            "Context",
            "Stream",
            "Block Size",
            "Grid Size",
            "Device",
            "CC",
            "Invocations");

    /// Empty where the header line itself is damaged.
    static Optional<NcuTable> of(String line) {
        return CsvLine.split(line).map(header -> {
            Map<String, Integer> columns = new HashMap<>();
            for (int i = 0; i < header.size(); i++) {
                columns.putIfAbsent(header.get(i), i);
            }
            return new NcuTable(header, columns, List.of());
        });
    }

    NcuTable withUnits(List<String> record) {
        return new NcuTable(header, columns, record);
    }

    /// One row per metric and rule, not one per launch.
    boolean isDetails() {
        return columns.containsKey("Metric Name");
    }

    /// The tool leaves out trailing cells of a details row that has no rule.
    boolean fits(List<String> record) {
        int least = isDetails() ? columns.getOrDefault("Metric Value", 0) + 1 : header.size();
        return record.size() >= least && record.size() <= header.size();
    }

    boolean isUnits(List<String> record) {
        return !isDetails() && units.isEmpty() && value(record, "ID").isEmpty();
    }

    boolean isIdentity(int column) {
        return IDENTITY.contains(header.get(column));
    }

    String unit(int column) {
        return column < units.size() ? units.get(column) : "";
    }

    /// The cell of a column; empty where the table or the record has no such cell.
    String value(List<String> record, String column) {
        Integer i = columns.get(column);
        return i == null || i >= record.size() ? "" : record.get(i);
    }

    /// Sum of the votes of a record's numbers, see [NcuNumbers#vote].
    int vote(List<String> record) {
        if (isDetails()) {
            return NcuNumbers.vote(value(record, "Metric Value"));
        }
        int votes = 0;
        for (int i = 0; i < record.size(); i++) {
            votes += isIdentity(i) ? 0 : NcuNumbers.vote(record.get(i));
        }
        return votes;
    }
}
