package dev.hourglass.app.cli;

import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.Nearest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/// The shell over a session: statements end with a semicolon, commands begin with a point. Where
/// standard input is not a terminal it reads the same language from there.
final class SqlShell {
    private static final List<String> WORDS = List.of(
            "SELECT",
            "FROM",
            "WHERE",
            "GROUP BY",
            "ORDER BY",
            "LIMIT",
            "JOIN",
            "LEFT JOIN",
            "USING",
            "WITH",
            "COUNT",
            "SUM",
            "AVG",
            "MIN",
            "MAX",
            "OVER",
            "PARTITION BY",
            "DESC",
            "AS",
            "AND",
            "OR",
            "NOT",
            "NULL",
            "LIKE",
            "GLOB",
            "DESCRIBE",
            "EXPLAIN",
            "SUMMARIZE",
            ".schema",
            ".tables",
            ".explain",
            ".timer",
            ".mode",
            ".help",
            ".quit");

    /// How rows are printed.
    private enum Mode {
        TABLE,
        CSV,
        JSON
    }

    private final SqlSession session;
    private final PrintStream out = System.out;
    private Mode mode = Mode.TABLE;
    private boolean timer;
    private boolean explain;
    private boolean failed;
    private boolean quit;

    SqlShell(SqlSession session) {
        this.session = session;
    }

    int run() throws IOException {
        if (Terminal.isInteractive()) {
            interactive();
            return 0;
        }
        script();
        return failed ? Main.USAGE : 0;
    }

    private void script() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder pending = new StringBuilder();
        for (String line = in.readLine(); line != null && !quit; line = in.readLine()) {
            accept(line, pending);
        }
        execute(pending.toString());
    }

    private void interactive() throws IOException {
        timer = true;
        try (org.jline.terminal.Terminal terminal =
                TerminalBuilder.builder().system(true).build()) {
            terminal.handle(Signal.INT, signal -> session.cancel());
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .appName("hourglass")
                    .completer(new StringsCompleter(names()))
                    .variable(LineReader.HISTORY_FILE, history())
                    .variable(LineReader.SECONDARY_PROMPT_PATTERN, "      ...> ")
                    .option(LineReader.Option.CASE_INSENSITIVE, true)
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .build();
            out.println("Statements end with a semicolon; .help lists the commands, Ctrl-D leaves.");
            read(reader);
        }
    }

    private void read(LineReader reader) {
        StringBuilder pending = new StringBuilder();
        while (!quit) {
            try {
                accept(reader.readLine(pending.isEmpty() ? "hourglass> " : "      ...> "), pending);
            } catch (UserInterruptException e) {
                pending.setLength(0);
            } catch (EndOfFileException e) {
                return;
            }
        }
    }

    private static Path history() throws IOException {
        String state = System.getenv("XDG_STATE_HOME");
        Path directory = state == null || state.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state", "hourglass")
                : Path.of(state, "hourglass");
        return Files.createDirectories(directory).resolve("sql_history");
    }

    /// Words to complete. The line editor draws them itself: a name that could steer the terminal is none of them.
    private List<String> names() {
        TreeSet<String> names = new TreeSet<>(WORDS);
        Rows columns = session.session().query(VerbQueries.text("words"));
        for (int i = 0; i < columns.size(); i++) {
            names.add(columns.text(i, "table_name", ""));
            names.add(columns.text(i, "column_name", ""));
        }
        names.removeIf(name -> name.codePoints().anyMatch(Escape::steers));
        return new ArrayList<>(names);
    }

    /// Takes one line: a command, or a part of a statement.
    private void accept(String line, StringBuilder pending) {
        if (pending.isEmpty() && line.strip().startsWith(".")) {
            command(line.strip().replaceFirst(";$", ""));
            return;
        }
        pending.append(line).append('\n');
        if (line.stripTrailing().endsWith(";")) {
            String text = pending.toString();
            pending.setLength(0);
            execute(text);
        }
    }

    private void command(String line) {
        String[] words = line.split("\\s+", 2);
        Optional<String> rest = words.length > 1 ? Optional.of(words[1].strip()) : Optional.empty();
        switch (words[0].toLowerCase(Locale.ROOT)) {
            case ".quit", ".exit" -> quit = true;
            case ".help" -> help();
            case ".tables" -> execute(VerbQueries.text("tables_and_views"));
            case ".schema" -> schema(rest);
            case ".timer" -> timer = toggled(rest, timer, "timer");
            case ".explain" -> {
                if (rest.isPresent() && !isSwitch(rest.get())) {
                    execute("EXPLAIN ANALYZE " + rest.get());
                } else {
                    explain = toggled(rest, explain, "explain");
                }
            }
            case ".mode" -> mode(rest.orElse("table"));
            default -> complain("unknown command " + words[0] + "; .help lists them");
        }
    }

    private static boolean isSwitch(String word) {
        return word.equalsIgnoreCase("on") || word.equalsIgnoreCase("off");
    }

    private boolean toggled(Optional<String> word, boolean now, String what) {
        boolean next = word.map(w -> w.equalsIgnoreCase("on")).orElse(!now);
        out.println(what + (next ? " on" : " off"));
        return next;
    }

    private void mode(String word) {
        try {
            mode = Mode.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            complain("no mode " + word + "; table, csv or json");
        }
    }

    private void help() {
        out.println(".schema [TABLE]      what a table's or view's columns mean; without a name, all of them");
        out.println(".tables              tables and views with their rows");
        out.println(".explain STATEMENT   how the database runs a statement, with times; .explain on|off for all");
        out.println(".timer on|off        how long each statement took");
        out.println(".mode table|csv|json how rows are printed");
        out.println(".quit                leave; Ctrl-C stops a running statement");
    }

    private void schema(Optional<String> table) {
        if (table.isEmpty()) {
            execute(VerbQueries.text("schema"));
            return;
        }
        Rows tables = session.session().query(VerbQueries.text("documented_tables"));
        List<String> known = IntStream.range(0, tables.size())
                .mapToObj(row -> tables.text(row, "table_name", ""))
                .toList();
        String wanted = table.get().toLowerCase(Locale.ROOT);
        if (known.contains(wanted)) {
            execute(VerbQueries.text("schema_of", "name", SqlText.literal(wanted)));
        } else {
            complain("no table or view " + table.get() + Nearest.hint(wanted, known));
        }
    }

    private void execute(String text) {
        for (String statement : SqlText.statements(text)) {
            if (!SqlText.isInclude(statement)) {
                one(explain ? "EXPLAIN ANALYZE " + statement : statement);
            }
        }
    }

    private void one(String statement) {
        long began = System.nanoTime();
        try {
            SqlCommand.warn(statement);
            boolean plan = mode == Mode.TABLE && RowPrinter.isPlan(statement);
            session.run(statement, plan ? new RowPrinter.Plan(out) : printer());
            if (timer) {
                out.printf(Locale.ROOT, "%.1f ms%n", (System.nanoTime() - began) / 1e6);
            }
        } catch (QueryException e) {
            complain(String.valueOf(e.getMessage()));
        }
    }

    private RowPrinter printer() {
        return switch (mode) {
            case TABLE -> new RowPrinter.Table(out, Terminal.personsWidth());
            case CSV -> new RowPrinter.Csv(Output.data(), CsvLines.Formulas.KEPT);
            case JSON -> new RowPrinter.Json(Output.data());
        };
    }

    private void complain(String message) {
        failed = true;
        out.flush();
        System.err.println("hourglass: " + Terminal.plain(message));
    }
}
