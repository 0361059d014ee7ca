package dev.hourglass.core;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Writes a synthetic recording as Nsight Systems exports it: operators are not in it, annotations are
/// NVTX ranges.
final class SyntheticNsys {
    private static final String SCHEMA = """
            CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
            INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '3.13.2');
            CREATE TABLE TARGET_INFO_SESSION_START_TIME (utcEpochNs INTEGER);
            INSERT INTO TARGET_INFO_SESSION_START_TIME VALUES (1700000000000000000);
            CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, end INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER, shortName INTEGER, graphNodeId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INTEGER, end INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, bytes INTEGER, copyKind INTEGER, srcKind INTEGER, dstKind INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, end INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, graphId INTEGER, graphExecId INTEGER);
            CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, globalTid INTEGER, domainId INTEGER);
            """;

    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Connection connection;

    private SyntheticNsys(Connection connection) {
        this.connection = connection;
    }

    static Path write(List<SyntheticTrace.Host> hosts, List<SyntheticTrace.Work> works, Path file) {
        try (Connection connection = new org.sqlite.JDBC().connect("jdbc:sqlite:" + file, new Properties())) {
            connection.setAutoCommit(false);
            try (Statement schema = connection.createStatement()) {
                schema.executeUpdate(SCHEMA);
            }
            new SyntheticNsys(connection).all(hosts, works);
            connection.commit();
            return file;
        } catch (SQLException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    private void all(List<SyntheticTrace.Host> hosts, List<SyntheticTrace.Work> works) throws SQLException {
        try (PreparedStatement call = into("CUPTI_ACTIVITY_KIND_RUNTIME", 5);
                PreparedStatement range = into("NVTX_EVENTS", 6);
                PreparedStatement kernel = into("CUPTI_ACTIVITY_KIND_KERNEL", 10);
                PreparedStatement copy = into("CUPTI_ACTIVITY_KIND_MEMCPY", 11);
                PreparedStatement graph = into("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", 9);
                PreparedStatement string = into("StringIds", 2)) {
            for (SyntheticTrace.Host h : hosts) {
                long end = h.ts() + h.dur();
                if (h.category().equals("cuda_runtime")) {
                    add(call, h.ts(), end, thread(h), h.correlation(), id(h.name() + "_v3020"));
                } else if (h.category().equals("user_annotation")) {
                    add(range, h.ts(), end, 59, h.name(), thread(h), 0);
                }
            }
            for (SyntheticTrace.Work w : works) {
                long end = w.ts() + w.dur();
                Object[] head = {w.ts(), end, w.device(), 1, w.stream(), w.correlation(), (long) w.process() << 24};
                switch (w.category()) {
                    case "kernel" -> add(kernel, head, id(w.name()), id(w.name()), w.node() ? w.correlation() : null);
                    case "gpu_memcpy" -> add(copy, head, w.bytes(), kind(w), source(w), target(w));
                    default -> add(graph, head, 1, 1);
                }
            }
            for (Map.Entry<String, Integer> entry : strings.entrySet()) {
                add(string, entry.getValue(), entry.getKey());
            }
            for (PreparedStatement batch : List.of(call, range, kernel, copy, graph, string)) {
                batch.executeBatch();
            }
        }
    }

    private PreparedStatement into(String table, int columns) throws SQLException {
        return connection.prepareStatement("INSERT INTO " + table + " VALUES (" + "?, ".repeat(columns - 1) + "?)");
    }

    private static void add(PreparedStatement row, Object[] head, @Nullable Object... rest) throws SQLException {
        for (int i = 0; i < head.length; i++) {
            row.setObject(i + 1, head[i]);
        }
        for (int i = 0; i < rest.length; i++) {
            row.setObject(head.length + i + 1, rest[i]);
        }
        row.addBatch();
    }

    private static void add(PreparedStatement row, Object... values) throws SQLException {
        add(row, values, new Object[0]);
    }

    private int id(String text) {
        return strings.computeIfAbsent(text, t -> strings.size() + 1);
    }

    private static long thread(SyntheticTrace.Host h) {
        return (long) h.process() << 24 | h.thread();
    }

    private static int kind(SyntheticTrace.Work w) {
        return w.name().contains("HtoD")
                ? 1
                : w.name().contains("DtoH") ? 2 : w.name().contains("PtoP") ? 10 : 8;
    }

    private static int source(SyntheticTrace.Work w) {
        return memory(w, w.name().contains("HtoD"));
    }

    private static int target(SyntheticTrace.Work w) {
        return memory(w, w.name().contains("DtoH"));
    }

    private static int memory(SyntheticTrace.Work w, boolean host) {
        return !host ? 2 : w.name().contains("Pageable") ? 0 : 1;
    }
}
