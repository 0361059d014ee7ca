package dev.hourglass.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TablesTest {
    /// A table that is declared and not listed would not exist in a session.
    @Test
    void everyDeclaredTableIsListedOnce() throws IllegalAccessException {
        List<Table> declared = new ArrayList<>();
        for (Class<?> group : List.of(
                Tables.class,
                TraceTables.class,
                EngineTables.class,
                ProbeTables.class,
                CostTables.class,
                BenchTables.class)) {
            for (Field field : group.getFields()) {
                if (field.getType() == Table.class) {
                    declared.add((Table) field.get(null));
                }
            }
        }

        assertThat(declared).hasSizeGreaterThan(40);
        assertThat(Tables.all()).containsExactlyInAnyOrderElementsOf(declared);
        assertThat(Tables.all()).extracting(Table::name).doesNotHaveDuplicates();
    }

    /// What is moved onto the trace clock must be found by its source.
    @Test
    void importedMomentsCanBeMovedBySource() {
        List<Table> imported = new ArrayList<>(TraceTables.all());
        imported.addAll(EngineTables.all());
        imported.addAll(ProbeTables.all());

        assertThat(imported)
                .filteredOn(table -> table.columns().stream().anyMatch(Column::isMoment))
                .allMatch(table -> table.has("source_id") || table.has("track_id"));
    }
}
