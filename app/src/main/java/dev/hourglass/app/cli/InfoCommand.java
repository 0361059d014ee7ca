package dev.hourglass.app.cli;

import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `hourglass info SESSION`.
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        description = {"What a session holds: how it was made, what was captured, what was not and why.", ""},
        footer = {"", "Example:", "  hourglass info hourglass-sessions/2026-11-25_10-00-00_qwen3-30b-a3b"})
final class InfoCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path directory = Path.of(".");

    @Override
    public Integer call() throws IOException {
        try (Session session = Session.open(directory)) {
            System.out.println("Session  " + directory + "  (" + Format.value((double) size(), Unit.BYTES) + ")");
            inputs(session.query(VerbQueries.text("inputs")));
            facts(session.query(VerbQueries.text("facts")));
            captured(session);
            absences(session.query(VerbQueries.text("not_measured")));
            losses(session.query(VerbQueries.text("losses")));
        }
        return 0;
    }

    private long size() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(InfoCommand::size)
                    .sum();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void inputs(Rows rows) {
        if (rows.size() == 0) {
            return;
        }
        heading("Inputs");
        for (int r = 0; r < rows.size(); r++) {
            System.out.println("  " + plain(rows, r, "name") + "  " + plain(rows, r, "format") + size(rows, r)
                    + counted(rows.integer(r, "events")));
            System.out.println("    times: " + clock(rows, r));
            System.out.println("    " + plain(rows, r, "path"));
        }
    }

    /// Of a directory the size is not known.
    private static String size(Rows rows, int row) {
        long bytes = rows.integer(row, "size_bytes").orElse(0);
        return bytes == 0 ? "" : ", " + Format.value((double) bytes, Unit.BYTES);
    }

    private static String counted(OptionalLong events) {
        return events.isEmpty()
                ? ""
                : ", " + Format.value((double) events.getAsLong(), Unit.COUNT)
                        + (events.getAsLong() == 1 ? " record" : " records");
    }

    /// What an input's times count from, and how they were laid on the clock of the session.
    private static String clock(Rows rows, int row) {
        String base = plain(rows, row, "time_base");
        String method = plain(rows, row, "align_method").replace('_', ' ');
        String residual = quantity(rows, row, "residual_ns", Unit.NANOSECONDS);
        return switch (method) {
            case "none" -> base;
            case "unaligned" -> base + ", not aligned";
            default -> base + ", aligned by " + method + (residual.isEmpty() ? "" : " ± " + residual);
        };
    }

    private static String quantity(Rows rows, int row, String column, Unit unit) {
        OptionalDouble value = rows.real(row, column);
        return value.isPresent() ? Format.value(value.getAsDouble(), unit) : "";
    }

    /// One line a fact: what does not fit is cut, the table `metadata` has it whole.
    private static void facts(Rows rows) {
        heading("Facts");
        TerminalWidth terminal = Terminal.width();
        for (int r = 0; r < rows.size(); r++) {
            String line = "  " + terminal.pad(plain(rows, r, "name"), 28) + " " + plain(rows, r, "value");
            System.out.println(terminal.cut(line, terminal.columns()));
        }
    }

    /// Those that are stored and those that are declared.
    private static SortedSet<String> tables(Session session) {
        SortedSet<String> names = new TreeSet<>(Derived.names());
        Tables.all().forEach(table -> names.add(table.name()));
        Rows stored = session.query(VerbQueries.text("tables"));
        for (int r = 0; r < stored.size(); r++) {
            names.add(plain(stored, r, "name"));
        }
        return names;
    }

    private static void captured(Session session) {
        heading("Captured");
        StringBuilder empty = new StringBuilder();
        for (String name : tables(session)) {
            long rows = session.query(VerbQueries.text("row_count", "table", SqlText.identifier(name)))
                    .integer(0, "n")
                    .orElse(0);
            if (rows == 0) {
                empty.append(empty.isEmpty() ? "" : ", ").append(name);
            } else {
                System.out.printf("  %-18s %12s rows%n", name, Format.value((double) rows, Unit.COUNT));
            }
        }
        if (!empty.isEmpty()) {
            Terminal.wrap("empty: " + empty, "  ", Terminal.columns()).forEach(System.out::println);
        }
    }

    private static void absences(Rows rows) {
        if (rows.size() == 0) {
            return;
        }
        heading("Not measured");
        for (int r = 0; r < rows.size(); r++) {
            String how = rows.text(r, "how_to_record", "");
            String line = plain(rows, r, "item") + ": " + plain(rows, r, "reason")
                    + (how.isEmpty() ? "" : " → " + Terminal.plain(how));
            Terminal.wrap(line, "  ", Terminal.columns()).forEach(System.out::println);
        }
    }

    private static void losses(Rows rows) {
        if (rows.size() == 0) {
            return;
        }
        heading("Lost or repaired");
        for (int r = 0; r < rows.size(); r++) {
            String line = plain(rows, r, "severity") + "  " + plain(rows, r, "source") + " " + plain(rows, r, "kind")
                    + " × " + plain(rows, r, "count") + ": " + plain(rows, r, "place");
            Terminal.wrap(line, "  ", Terminal.columns()).forEach(System.out::println);
        }
    }

    private static void heading(String text) {
        System.out.println();
        System.out.println(text);
    }

    private static String plain(Rows rows, int row, String column) {
        return Terminal.plain(rows.text(row, column, ""));
    }
}
