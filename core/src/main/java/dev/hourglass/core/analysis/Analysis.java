package dev.hourglass.core.analysis;

import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A question and the SQL that answers it.
///
/// @param id its path in the library, for example `decode/components`
/// @param question the first line of the file
/// @param needs tables that must hold rows for the question to make sense
/// @param params numbers that the SQL reads as `$name`
/// @param columns what the answer's columns mean, in order
/// @param finding sentence with `{column}` places, for rows that have a severity
/// @param remedy what to do about the finding
/// @param remedies what to do instead where the row says more, by the value of its column `advice`, or of its bound
/// @param bound the bound that its findings speak of; absent where they speak of none or tell it themselves
/// @param gain how the gain of a finding is estimated
/// @param sql the whole file, head included
public record Analysis(
        String id,
        String question,
        List<String> needs,
        List<Param> params,
        List<ColumnDoc> columns,
        Optional<String> finding,
        Optional<String> remedy,
        Map<String, String> remedies,
        Optional<String> bound,
        Optional<String> gain,
        String sql) {

    /// A number that the SQL reads as `$name`.
    public record Param(String name, double value, String doc) {}

    /// What a column of the answer means.
    public record ColumnDoc(String name, Unit unit, String doc) {}

    public Analysis {
        needs = List.copyOf(needs);
        params = List.copyOf(params);
        columns = List.copyOf(columns);
        remedies = Map.copyOf(remedies);
    }

    /// The same with other values of its parameters.
    Analysis with(List<Param> set) {
        return new Analysis(id, question, needs, set, columns, finding, remedy, remedies, bound, gain, sql);
    }

    /// What to do in the case; empty where the analysis finds nothing.
    String remedy(String which) {
        return remedies.getOrDefault(which, remedy.orElse(""));
    }
}
