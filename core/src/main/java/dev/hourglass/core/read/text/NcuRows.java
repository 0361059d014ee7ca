package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Turns records of Nsight Compute into rows. The first records are held back until they tell whether
/// numbers have a decimal point or a decimal comma.
final class NcuRows {
    /// By so many more numbers of one notation than of the other it is decided.
    private static final int VOTES_THAT_DECIDE = 64;
    /// Rows that wait for the decision.
    private static final int MOST_ROWS_HELD = 20_000;
    /// Characters of theirs.
    private static final int MOST_CHARACTERS_HELD = 8 << 20;

    private record Held(NcuTable table, List<String> record, long run) {}

    private final ImportContext context;
    private final RowWriter metrics;
    private final RowWriter rules;
    private final List<Held> held = new ArrayList<>();
    private int characters;
    private boolean decided;
    private int votes;
    private NcuNumbers numbers = NcuNumbers.POINT;
    private long run = -1;
    private long lastLaunch = Long.MAX_VALUE;
    private String lastProcess = "";
    private long metricCount;
    private long ruleCount;

    NcuRows(ImportContext context, RowWriter metrics, RowWriter rules) {
        this.context = context;
        this.metrics = metrics;
        this.rules = rules;
    }

    /// The records that follow stand below a header of their own.
    void header() {
        lastLaunch = Long.MAX_VALUE;
    }

    void take(NcuTable table, List<String> record) {
        follow(table, record);
        if (decided) {
            write(table, record);
            return;
        }
        held.add(new Held(table, record, run));
        characters += record.stream().mapToInt(String::length).sum();
        votes += table.vote(record);
        if (Math.abs(votes) >= VOTES_THAT_DECIDE
                || held.size() >= MOST_ROWS_HELD
                || characters >= MOST_CHARACTERS_HELD) {
            decide();
        }
    }

    /// Tells runs of the tool apart that were written behind each other: each counts its launches from 0.
    private void follow(NcuTable table, List<String> record) {
        OptionalLong launch = Decimals.integer(table.value(record, "ID"));
        if (launch.isEmpty()) {
            return;
        }
        String process = table.value(record, "Process ID");
        boolean again = launch.getAsLong() == lastLaunch && (!table.isDetails() || !process.equals(lastProcess));
        run += launch.getAsLong() < lastLaunch || again ? 1 : 0;
        lastLaunch = launch.getAsLong();
        lastProcess = process;
    }

    /// Writes what is still held back, and the counts.
    void close() {
        if (!decided) {
            decide();
        }
        context.stats().read("ncu_metric", metricCount);
        context.stats().read("ncu_rule", ruleCount);
    }

    private void decide() {
        decided = true;
        numbers = votes < 0 ? NcuNumbers.COMMA : NcuNumbers.POINT;
        if (votes == 0 && !held.isEmpty()) {
            context.stats()
                    .count(
                            "decimal_sign_unclear",
                            Severity.NOTICE,
                            "no number tells a decimal point from a comma; read as a point");
        }
        long now = run;
        held.forEach(one -> {
            run = one.run();
            write(one.table(), one.record());
        });
        run = now;
        held.clear();
    }

    private void write(NcuTable table, List<String> record) {
        if (!table.isDetails()) {
            raw(table, record);
            return;
        }
        if (!table.value(record, "Metric Name").isEmpty()) {
            metrics.set("section", table.value(record, "Section Name"));
            metric(
                    table,
                    record,
                    table.value(record, "Metric Name"),
                    table.value(record, "Metric Unit"),
                    table.value(record, "Metric Value"));
        }
        if (!table.value(record, "Rule Name").isEmpty()) {
            rule(table, record);
        }
    }

    private void raw(NcuTable table, List<String> record) {
        for (int i = 0; i < record.size(); i++) {
            if (!table.isIdentity(i) && !record.get(i).isEmpty()) {
                metric(table, record, table.header().get(i), table.unit(i), record.get(i));
            }
        }
    }

    private void metric(NcuTable table, List<String> record, String name, String unit, String value) {
        NcuUnit base = NcuUnit.of(unit);
        OptionalDouble number = numbers.parse(value);
        identity(table, record);
        text("metric", name);
        text("unit", base.base());
        if (number.isPresent()) {
            metrics.set("value", number.getAsDouble() * base.factor());
        } else {
            text("text_value", value);
            if (!unit.isEmpty() || value.endsWith("nan") || value.endsWith("inf")) {
                context.stats().count("no_number", Severity.INFO, "the tool printed " + value + ", first for " + name);
            }
        }
        metrics.end();
        metricCount++;
    }

    private void identity(NcuTable table, List<String> record) {
        metrics.set("source_id", context.sourceId()).set("run", Math.max(0, run));
        integer(metrics, "launch", table.value(record, "ID"));
        text("kernel", table.value(record, "Kernel Name"));
        integer(metrics, "pid", table.value(record, "Process ID"));
        text("process", table.value(record, "Process Name"));
        integer(metrics, "context", table.value(record, "Context"));
        integer(metrics, "stream", table.value(record, "Stream"));
        text("grid", table.value(record, "Grid Size"));
        text("block", table.value(record, "Block Size"));
        integer(metrics, "device", table.value(record, "Device"));
        text("compute_capability", table.value(record, "CC"));
    }

    private void rule(NcuTable table, List<String> record) {
        rules.set("source_id", context.sourceId()).set("run", Math.max(0, run));
        integer(rules, "launch", table.value(record, "ID"));
        set(rules, "section", table.value(record, "Section Name"));
        set(rules, "rule", table.value(record, "Rule Name"));
        set(rules, "type", table.value(record, "Rule Type"));
        set(rules, "description", table.value(record, "Rule Description"));
        set(rules, "speedup_type", table.value(record, "Estimated Speedup Type"));
        numbers.parse(table.value(record, "Estimated Speedup"))
                .ifPresent(percent -> rules.set("speedup_ratio", percent / 100));
        rules.end();
        ruleCount++;
    }

    private void text(String column, String value) {
        set(metrics, column, value);
    }

    private static void set(RowWriter row, String column, String value) {
        if (!value.isEmpty()) {
            row.set(column, value);
        }
    }

    private static void integer(RowWriter row, String column, String value) {
        Decimals.integer(value).ifPresent(number -> row.set(column, number));
    }
}
