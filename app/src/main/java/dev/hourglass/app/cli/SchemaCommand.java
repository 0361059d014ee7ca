package dev.hourglass.app.cli;

import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.text.Json;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `hourglass schema [TABLE]`.
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "What the tables and views of a session hold, column by column, with units.")
final class SchemaCommand implements Callable<Integer> {
    @Parameters(index = "0", arity = "0..1", paramLabel = "TABLE", description = "A table or view; all without it.")
    private @Nullable String name;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /// A table or view for printing.
    private record Entry(String kind, String name, String doc, List<Field> fields) {}

    private record Field(String name, String type, String unit, String doc) {}

    @Override
    public Integer call() {
        List<Entry> all = entries();
        if (name == null) {
            print(all, false);
            return 0;
        }
        String wanted = name;
        Optional<Entry> found = all.stream()
                .filter(entry -> entry.name().equalsIgnoreCase(wanted))
                .findFirst();
        if (found.isEmpty()) {
            throw new UserException("no table or view " + Terminal.plain(wanted)
                    + Nearest.hint(wanted, all.stream().map(Entry::name).toList()));
        }
        print(List.of(found.get()), true);
        return 0;
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Table table : Tables.all()) {
            entries.add(new Entry(
                    "table",
                    table.name(),
                    table.doc(),
                    table.columns().stream().map(SchemaCommand::field).toList()));
        }
        Derived.all().forEach(table -> entries.add(entry("derived table", table)));
        Views.all().forEach(view -> entries.add(entry("view", view)));
        return entries;
    }

    private static Entry entry(String kind, Views.View defined) {
        return new Entry(
                kind,
                defined.name(),
                defined.doc(),
                defined.columns().stream()
                        .map(column -> new Field(column.name(), "", column.unit(), column.doc()))
                        .toList());
    }

    private static Field field(Column column) {
        return new Field(column.name(), column.type().sql(), column.unit().symbol(), column.doc());
    }

    private void print(List<Entry> entries, boolean whole) {
        if (json) {
            printJson(entries);
            return;
        }
        for (Entry entry : entries) {
            if (!whole && name == null) {
                System.out.println(entry.name() + (entry.kind().equals("table") ? "" : " (" + entry.kind() + ")"));
                System.out.println("    " + entry.doc());
                System.out.println("    columns: "
                        + String.join(
                                ", ", entry.fields().stream().map(Field::name).toList()));
            } else {
                printWhole(entry);
            }
        }
        if (name == null) {
            System.out.println();
            System.out.println("`hourglass schema TABLE` tells what each column means.");
        }
    }

    private static void printWhole(Entry entry) {
        System.out.println(entry.kind() + " " + entry.name());
        System.out.println(entry.doc());
        System.out.println();
        int names =
                entry.fields().stream().mapToInt(f -> f.name().length()).max().orElse(0);
        int units =
                entry.fields().stream().mapToInt(f -> f.unit().length()).max().orElse(0);
        for (Field field : entry.fields()) {
            System.out.printf(
                    "  %-" + names + "s  %-7s  %-" + Math.max(4, units) + "s  %s%n",
                    field.name(),
                    field.type(),
                    field.unit(),
                    field.doc());
        }
    }

    private static void printJson(List<Entry> entries) {
        Output.data(Json.text(json -> {
            json.writeStartArray();
            entries.forEach(entry -> write(entry, json));
            json.writeEndArray();
        }));
    }

    private static void write(Entry entry, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("kind", entry.kind());
        json.writeStringProperty("name", entry.name());
        json.writeStringProperty("doc", entry.doc());
        Json.list(json, "columns", entry.fields(), field -> {
            json.writeStartObject();
            json.writeStringProperty("name", field.name());
            json.writeStringProperty("type", field.type());
            json.writeStringProperty("unit", field.unit());
            json.writeStringProperty("doc", field.doc());
            json.writeEndObject();
        });
        json.writeEndObject();
    }
}
