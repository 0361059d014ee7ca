package dev.hourglass.core.analysis;

import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the declaring head comment of an analysis file.
///
/// ```
/// -- question
/// -- @needs    table, table
/// -- @param    name  number  what it is
/// -- @column   name [unit]   what it is
/// -- @finding  sentence with {column}
/// -- @remedy   sentence
/// -- @remedy_if case  sentence
/// -- @bound    a value of Bound
/// -- @gain     how a finding's gain is estimated
/// ```
final class AnalysisParser {
    private static final Pattern TAG = Pattern.compile("-- @(\\w+)\\s+(.*\\S)\\s*");
    private static final Pattern PARAM = Pattern.compile("(\\w+)\\s+([-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)\\s+(.+)");
    private static final Pattern COLUMN = Pattern.compile("(\\w+)(?:\\s+\\[([^\\]]+)\\])?\\s+(.+)");
    private static final Map<String, Unit> UNITS = Map.ofEntries(
            Map.entry("ns", Unit.NANOSECONDS),
            Map.entry("µs", Unit.MICROSECONDS),
            Map.entry("ms", Unit.MILLISECONDS),
            Map.entry("s", Unit.SECONDS),
            Map.entry("B", Unit.BYTES),
            Map.entry("B/s", Unit.BYTES_PER_SECOND),
            Map.entry("FLOP", Unit.FLOP),
            Map.entry("FLOP/s", Unit.FLOP_PER_SECOND),
            Map.entry("FLOP/B", Unit.FLOP_PER_BYTE),
            Map.entry("ratio", Unit.RATIO),
            Map.entry("count", Unit.COUNT),
            Map.entry("tokens", Unit.TOKENS),
            Map.entry("tokens/s", Unit.TOKENS_PER_SECOND),
            Map.entry("W", Unit.WATTS),
            Map.entry("°C", Unit.CELSIUS),
            Map.entry("1/s", Unit.PER_SECOND),
            Map.entry("MHz", Unit.MEGAHERTZ));

    private final String id;
    private final List<String> needs = new ArrayList<>();
    private final List<Analysis.Param> params = new ArrayList<>();
    private final List<Analysis.ColumnDoc> columns = new ArrayList<>();
    private Optional<String> finding = Optional.empty();
    private Optional<String> remedy = Optional.empty();
    private final Map<String, String> remedies = new HashMap<>();
    private Optional<String> bound = Optional.empty();
    private Optional<String> gain = Optional.empty();

    private AnalysisParser(String id) {
        this.id = id;
    }

    /// @throws IllegalArgumentException if the head does not follow the form; the library is our own
    static Analysis parse(String id, String sql) {
        return new AnalysisParser(id).read(sql);
    }

    private Analysis read(String sql) {
        List<String> lines = sql.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().startsWith("-- ")) {
            throw wrong("the first line is not a question");
        }
        for (String line : lines.subList(1, lines.size())) {
            Matcher tag = TAG.matcher(line);
            if (tag.matches()) {
                tag(tag.group(1), tag.group(2));
            }
        }
        return new Analysis(
                id, lines.getFirst().substring(3), needs, params, columns, finding, remedy, remedies, bound, gain, sql);
    }

    private void tag(String name, String text) {
        switch (name) {
            case "needs" -> needs.addAll(Arrays.asList(text.split("\\s*,\\s*")));
            case "param" -> params.add(param(text));
            case "column" -> columns.add(column(text));
            case "finding" -> finding = Optional.of(text);
            case "remedy" -> remedy = Optional.of(text);
            case "remedy_if" -> remedyIf(text);
            case "bound" -> bound = Optional.of(bound(text));
            case "gain" -> gain = Optional.of(text);
            default -> throw wrong("unknown tag @" + name);
        }
    }

    private void remedyIf(String text) {
        String[] parts = text.split("\\s+", 2);
        if (parts.length < 2 || remedies.put(parts[0], parts[1]) != null) {
            throw wrong("not `case sentence`, or the case is there twice: " + text);
        }
    }

    private String bound(String key) {
        return Bound.find(key).orElseThrow(() -> wrong("unknown bound " + key)).key();
    }

    private Analysis.Param param(String text) {
        Matcher m = PARAM.matcher(text);
        if (!m.matches()) {
            throw wrong("not `name number doc`: " + text);
        }
        return new Analysis.Param(m.group(1), Double.parseDouble(m.group(2)), m.group(3));
    }

    private Analysis.ColumnDoc column(String text) {
        Matcher m = COLUMN.matcher(text);
        if (!m.matches()) {
            throw wrong("not `name [unit] doc`: " + text);
        }
        return new Analysis.ColumnDoc(m.group(1), unit(m.group(2)), m.group(3));
    }

    private Unit unit(@Nullable String symbol) {
        if (symbol == null) {
            return Unit.NONE;
        }
        Unit unit = UNITS.get(symbol);
        if (unit == null) {
            throw wrong("unknown unit [" + symbol + "]");
        }
        return unit;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("analysis " + id + ": " + what);
    }
}
