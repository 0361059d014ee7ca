package dev.hourglass.app.cli;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass sql SESSION ["SELECT …"]`.
@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        description = {
            "Run SQL over a session; without a query, open a shell.",
            "Queries see the session's tables only. `/` of two integers is an integer, as in other trace tools."
        })
final class SqlCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path session = Path.of(".");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "QUERY",
            description = "One or more statements, separated by semicolons.")
    private @Nullable String query;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Read the statements from a file; - for standard input.")
    private @Nullable Path file;

    @Mixin
    private CsvOptions csv = new CsvOptions();

    @Option(names = "--json", description = "Print a JSON list of objects.")
    private boolean json;

    @Option(names = "--allow-files", description = "Let queries read and write files.")
    private boolean allowFiles;

    @Override
    public Integer call() throws IOException {
        if (csv.wanted() && json) {
            throw new UserException("--csv and --json exclude each other");
        }
        if (query != null && file != null) {
            throw new UserException("give the query either on the command line or with -f, not both");
        }
        try (SqlSession opened = new SqlSession(session, new Session.Dialect(true, allowFiles))) {
            String text = query != null ? query : file != null ? read(file) : null;
            if (text == null) {
                return new SqlShell(opened).run();
            }
            run(opened, text);
        }
        return 0;
    }

    private void run(SqlSession opened, String text) {
        List<String> statements = SqlText.statements(text);
        if (statements.isEmpty()) {
            throw new UserException("the query is empty");
        }
        PrintStream out = csv.wanted() || json ? Output.data() : Output.lines();
        try {
            for (String statement : statements) {
                if (!SqlText.isInclude(statement)) {
                    warn(statement);
                    boolean plan = !csv.wanted() && !json && RowPrinter.isPlan(statement);
                    opened.run(statement, plan ? new RowPrinter.Plan(out) : printer(out));
                }
            }
        } finally {
            out.flush();
        }
    }

    static void warn(String statement) {
        if (SqlText.takesNeighboursForGaps(statement)) {
            System.err.println(
                    "hourglass: warning: this takes the time from one slice to the next in order of start for a"
                            + " gap, which is wrong where slices overlap; the views device_gap and device_idle hold the true ones");
        }
    }

    private RowPrinter printer(PrintStream out) {
        return csv.wanted()
                ? new RowPrinter.Csv(out, csv.formulas())
                : json ? new RowPrinter.Json(out) : new RowPrinter.Table(out, Terminal.personsWidth());
    }

    private static String read(Path from) throws IOException {
        if (from.toString().equals("-")) {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!Files.isRegularFile(from)) {
            throw new UserException("no file " + from);
        }
        return Files.readString(from);
    }
}
