package dev.hourglass.app.cli;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `hourglass sql SESSION "SELECT …"`.
@Command(name = "sql", mixinStandardHelpOptions = true, description = "Run SQL over a session.")
final class SqlCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path session = Path.of(".");

    @Parameters(index = "1", paramLabel = "QUERY", description = "One SQL query.")
    private String query = "";

    @Override
    public Integer call() {
        try (Session opened = Session.open(session)) {
            Rows rows = opened.query(query);
            System.out.println(rows);
        }
        return 0;
    }
}
