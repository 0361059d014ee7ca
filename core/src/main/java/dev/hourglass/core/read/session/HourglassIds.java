package dev.hourglass.core.read.session;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How identifiers of a session that is read are numbered on in the one that it goes into.
final class HourglassIds {
    /// The largest identifier that is taken for one: no session has as many rows.
    static final long LARGEST = 1L << 48;

    private static final Pattern SOURCE_FACT = Pattern.compile("source\\.(\\d{1,9}+)\\.(.*+)", Pattern.DOTALL);

    private final Map<ImportContext.Id, Long> offsets = new EnumMap<>(ImportContext.Id.class);

    private HourglassIds() {}

    /// Takes as many identifiers of each kind as the tables use.
    static HourglassIds of(HourglassTables tables, ImportContext context) {
        Map<ImportContext.Id, Long> largest = new EnumMap<>(ImportContext.Id.class);
        for (Table table : Tables.all()) {
            if (tables.has(table)) {
                for (Column column : table.columns()) {
                    kind(table, column)
                            .ifPresent(kind -> largest.merge(kind, tables.largest(table, column), Math::max));
                }
            }
        }
        HourglassIds ids = new HourglassIds();
        largest.forEach((kind, most) -> {
            if (most > 0) {
                ids.offsets.put(kind, context.take(kind, most) - 1);
            }
        });
        return ids;
    }

    /// The value as it stands in the session that it goes into; empty for an identifier that no row can have.
    OptionalLong renumbered(Table table, Column column, long value) {
        Optional<ImportContext.Id> kind = kind(table, column);
        if (kind.isPresent() && (value < 0 || value > LARGEST)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                value + kind.map(id -> offsets.getOrDefault(id, 0L)).orElse(0L));
    }

    /// Facts about a source carry its number in their names.
    String renamedFact(String name) {
        Matcher fact = SOURCE_FACT.matcher(name);
        if (!fact.matches()) {
            return name;
        }
        long source = Long.parseLong(fact.group(1)) + offsets.getOrDefault(ImportContext.Id.SOURCE, 0L);
        return "source." + source + "." + fact.group(2);
    }

    /// What kind of identifier a column holds; empty for other values.
    static Optional<ImportContext.Id> kind(Table table, Column column) {
        return switch (column.name()) {
            case "source_id" -> Optional.of(ImportContext.Id.SOURCE);
            case "utid" -> Optional.of(ImportContext.Id.THREAD);
            case "upid" -> Optional.of(ImportContext.Id.PROCESS);
            case "track_id" -> Optional.of(ImportContext.Id.TRACK);
            case "slice_id", "slice_out", "slice_in", "launch_id", "arg_set_id" -> Optional.of(ImportContext.Id.SLICE);
            case "bench_id" -> Optional.of(ImportContext.Id.BENCH);
            case "parent_id" ->
                Optional.of(table.name().equals("track") ? ImportContext.Id.TRACK : ImportContext.Id.SLICE);
            case "id" -> ownKind(table);
            default -> Optional.empty();
        };
    }

    private static Optional<ImportContext.Id> ownKind(Table table) {
        return switch (table.name()) {
            case "slice", "kernel", "memcpy", "launch", "op_detail", "python_call", "memory_event" ->
                Optional.of(ImportContext.Id.SLICE);
            case "track" -> Optional.of(ImportContext.Id.TRACK);
            case "counter" -> Optional.of(ImportContext.Id.COUNTER);
            case "flow" -> Optional.of(ImportContext.Id.FLOW);
            case "stage" -> Optional.of(ImportContext.Id.STAGE);
            case "source" -> Optional.of(ImportContext.Id.SOURCE);
            case "bench_result" -> Optional.of(ImportContext.Id.BENCH);
            default -> Optional.empty();
        };
    }
}
