package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/// The analyses that ship with Hourglass: every `.sql` file below this package. A file's path is its
/// id.
public final class AnalysisLibrary {
    private AnalysisLibrary() {}

    /// The analysis with the id.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Analysis find(String id) {
        try (InputStream in = AnalysisLibrary.class.getResourceAsStream(id + ".sql")) {
            if (in == null) {
                throw new IllegalArgumentException("no analysis " + id);
            }
            return AnalysisParser.parse(id, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs an analysis with its default parameters.
    public static Rows run(Session session, String id) {
        Analysis analysis = find(id);
        return session.query(bound(analysis));
    }

    /// The SQL with its parameters' values in place, as anyone can run it.
    public static String bound(Analysis analysis) {
        String sql = analysis.sql();
        for (Analysis.Param param : analysis.params()) {
            String number =
                    BigDecimal.valueOf(param.value()).stripTrailingZeros().toPlainString();
            sql = sql.replaceAll("\\$" + param.name() + "\\b", number);
        }
        return sql;
    }
}
