package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a probe told of an engine lies on the timeline as a person would draw it.
final class EngineTimelineTest {
    private static final String TRACE_IDS = "SELECT count(*) - count(DISTINCT id) AS n FROM ";

    @TempDir
    private Path folder;

    private Path records(String name, String... segments) throws IOException {
        Path records = Files.createDirectory(folder.resolve(name));
        for (String segment : segments) {
            Files.write(records.resolve(segment), Imported.resource("/probe/golden/" + segment));
        }
        return records;
    }

    private static TraceImport reader() {
        return new TraceImport(TraceImport.Options.DEFAULT, bytes -> {});
    }

    private static List<String> lines(Session session, String query) {
        Rows rows = session.query(query);
        return IntStream.range(0, rows.size())
                .mapToObj(i -> rows.text(i, "line", ""))
                .toList();
    }

    @Test
    void stepsWorkersRequestsAndCountersHaveTracks() throws IOException {
        Path session = Files.createDirectory(folder.resolve("session"));
        Path records =
                records("records", "frontend-4242-4342-0.seg", "engine-4243-4343-0.seg", "worker-4244-4344-0.seg");
        reader().into(List.of(records), new SessionLayout(session).database());
        try (Session opened = Session.open(session)) {
            assertThat(lines(
                            opened,
                            "SELECT s.name || ' ' || s.ts || ' ' || s.dur AS line FROM slice s JOIN track t ON t.id = s.track_id"
                                    + " WHERE t.name = 'steps' ORDER BY s.ts"))
                    .containsExactly(
                            "prefill 2 requests, 48 tokens 1001005000000 5000000",
                            "decode 1 request, 1 token 1001012000000 6000000",
                            "decode 1 request, 1 token 1001019000000 9000000",
                            "recompute 1 request, 41 tokens 1001030000000 6000000");
            assertThat(lines(
                            opened,
                            "SELECT s.depth || ' ' || s.name || ' ' || s.dur || coalesce(' in ' || o.name, '') AS line FROM slice s"
                                    + " JOIN track t ON t.id = s.track_id LEFT JOIN slice o ON o.id = s.parent_id"
                                    + " WHERE t.name = 'r-a' ORDER BY s.depth, s.ts"))
                    .containsExactly(
                            "0 request 31000000",
                            "1 queued 5000000 in request",
                            "1 prefill 6090000 in request",
                            "1 decode 19910000 in request");
            assertThat(lines(
                            opened,
                            "SELECT s.name || ' ' || s.dur AS line FROM slice s JOIN track t ON t.id = s.track_id"
                                    + " WHERE t.name = 'r-b' AND s.depth = 2"))
                    .containsExactly("preempted, kv_full 18000000");
            assertThat(lines(
                            opened,
                            "SELECT t.name || ' ' || t.unit || ' ' || count(*) AS line FROM counter c JOIN track t ON t.id = c.track_id"
                                    + " GROUP BY t.name, t.unit ORDER BY t.name"))
                    .containsExactly("KV cache in use ratio 4", "requests running count 4", "requests waiting count 4");
        }
    }

    @Test
    void whatIsAddedGoesOnAfterTheIdentifiersThatAreThere() throws IOException {
        Path session = Files.createDirectory(folder.resolve("session"));
        SessionLayout layout = new SessionLayout(session);
        Path first = records("first", "engine-4243-4343-0.seg", "worker-4244-4344-0.seg");
        reader().into(List.of(first), layout.database());
        Path second = records("second", "frontend-4242-4342-0.seg", "engine-4243-4343-0.seg");
        reader().addTo(List.of(second), layout, () -> {}, summary -> {});
        try (Session opened = Session.open(session)) {
            assertThat(Stream.of("slice", "track", "counter")
                            .map(table -> opened.query(TRACE_IDS + table).integer(0, "n"))
                            .map(doubled -> doubled.orElse(-1)))
                    .containsOnly(0L);
            assertThat(opened.query("SELECT count(*) AS n FROM track WHERE name = 'steps'")
                            .integer(0, "n"))
                    .hasValue(2);
            assertThat(opened.query("SELECT count(*) AS n FROM slice s JOIN track t ON t.id = s.track_id"
                                    + " WHERE t.name = 'steps'")
                            .integer(0, "n"))
                    .hasValue(8);
        }
    }
}
