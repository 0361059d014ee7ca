package dev.hourglass.core.query;

import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.store.DatabaseDoor;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The logs of a recorded run: every metric as CSV, and as JSON with one object a line.
///
/// The database exports them itself; the views must exist. A log without rows is written with its
/// head, so that a reader of the files sees that the metric was not captured.
public final class MetricLogs {
    private static final Map<String, String> LOGS = logs();

    private MetricLogs() {}

    /// Writes all logs of a session that is still open for writing.
    public static void write(TraceStore store, SessionLayout session) throws IOException {
        WholeFile.directory(session.csv());
        WholeFile.directory(session.json());
        LOGS.forEach((name, query) -> {
            copy(store, query, session.csv().resolve(name + ".csv"), "FORMAT csv, HEADER");
            copy(store, query, session.json().resolve(name + ".jsonl"), "FORMAT json");
        });
    }

    private static void copy(TraceStore store, String query, Path file, String options) {
        store.execute("COPY (" + query + ") TO " + DatabaseDoor.literal(file) + " (" + options + ")");
    }

    private static Map<String, String> logs() {
        Map<String, String> logs = new LinkedHashMap<>();
        logs.put("tokens", """
                SELECT t.token, t.ts, t.dur / 1000.0 AS t_token_us, u.dur / 1000.0 AS unprofiled_us, t.position, t.token_id
                FROM token t LEFT JOIN token_unprofiled u USING (token)
                ORDER BY t.token""");
        logs.put("components", """
                SELECT token, component, dur / 1000.0 AS us
                FROM token_component
                ORDER BY token, component""");
        logs.put("layers", """
                SELECT token, layer, component, sum(dur) / 1000.0 AS us
                FROM op
                WHERE layer IS NOT NULL
                GROUP BY token, layer, component
                ORDER BY token, layer, component""");
        logs.put("nodes", """
                SELECT token, layer, name, kind, component, ts, dur / 1000.0 AS us, nodes, weight_bytes, flops
                FROM op
                ORDER BY token, ts""");
        logs.put("experts", "SELECT token, layer, slot, expert, weight FROM expert_choice ORDER BY token, layer, slot");
        logs.put("cpu", "SELECT * FROM core_sample ORDER BY ts, core");
        logs.put("threads", "SELECT * FROM thread_sample ORDER BY ts, tid");
        logs.put("process", "SELECT * FROM process_sample ORDER BY ts");
        logs.put("perf", "SELECT * FROM perf_count ORDER BY event");
        logs.put("barriers", "SELECT * FROM barrier ORDER BY step, thread");
        logs.put("ceilings", "SELECT * FROM ceiling ORDER BY device, name");
        logs.put("not_measured", "SELECT * FROM not_measured ORDER BY item");
        return logs;
    }
}
