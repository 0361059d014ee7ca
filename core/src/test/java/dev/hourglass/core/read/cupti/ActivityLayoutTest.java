package dev.hourglass.core.read.cupti;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The layouts against what a C compiler says of the headers of five versions.
final class ActivityLayoutTest {
    /// Ours, then theirs.
    private static final Map<String, String> KERNEL = Map.ofEntries(
            Map.entry("REGISTERS", "registersPerThread"),
            Map.entry("START", "start"),
            Map.entry("END", "end"),
            Map.entry("DEVICE", "deviceId"),
            Map.entry("CONTEXT", "contextId"),
            Map.entry("STREAM", "streamId"),
            Map.entry("GRID", "gridX"),
            Map.entry("STATIC_SHARED", "staticSharedMemory"),
            Map.entry("DYNAMIC_SHARED", "dynamicSharedMemory"),
            Map.entry("CORRELATION", "correlationId"),
            Map.entry("NAME", "name"),
            Map.entry("GRAPH_NODE", "graphNodeId"),
            Map.entry("GRAPH", "graphId"));
    private static final Map<String, String> COPY = Map.of(
            "COPY_KIND", "copyKind",
            "SOURCE_KIND", "srcKind",
            "TARGET_KIND", "dstKind",
            "BYTES", "bytes",
            "START", "start",
            "END", "end",
            "DEVICE", "deviceId",
            "CONTEXT", "contextId",
            "STREAM", "streamId",
            "GRAPH_NODE", "graphNodeId");
    private static final Map<String, String> SET = Map.of(
            "BYTES", "bytes",
            "START", "start",
            "DEVICE", "deviceId",
            "CORRELATION", "correlationId",
            "SET_KIND", "memoryKind",
            "GRAPH_NODE", "graphNodeId");
    private static final Map<String, String> PEER = Map.of(
            "SOURCE_DEVICE", "srcDeviceId",
            "TARGET_DEVICE", "dstDeviceId",
            "CORRELATION", "correlationId",
            "GRAPH_NODE", "graphNodeId");
    private static final Map<String, String> CALL = Map.of(
            "NUMBER", "cbid", "START", "start", "END", "end", "THREAD", "threadId", "CORRELATION", "correlationId");
    private static final Map<String, String> WAIT = Map.of(
            "TYPE", "type",
            "START", "start",
            "END", "end",
            "CORRELATION", "correlationId",
            "CONTEXT", "contextId",
            "STREAM", "streamId");
    private static final Map<String, String> GRAPH = Map.of(
            "CORRELATION", "correlationId",
            "START", "start",
            "END", "end",
            "DEVICE", "deviceId",
            "NUMBER", "graphId",
            "CONTEXT", "contextId",
            "STREAM", "streamId");

    /// Of each version and structure the fields with their places, and its size under the name `size`.
    private static Map<String, Map<String, Integer>> headers() {
        Map<String, Map<String, Integer>> all = new HashMap<>();
        for (String line : new String(Imported.resource("/cupti/layouts.txt"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList()) {
            String[] words = line.split(" ", -1);
            Map<String, Integer> fields = all.computeIfAbsent(words[0] + " " + words[1], name -> new HashMap<>());
            fields.put(
                    words[3].startsWith("kind=") ? "size" : words[3],
                    Integer.parseInt(words[words[3].startsWith("kind=") ? 5 : 4]));
            if (words[3].startsWith("kind=")) {
                fields.put("kind", Integer.parseInt(words[3].substring(5)));
            }
        }
        return all;
    }

    private static void same(Class<?> ours, Map<String, String> names, Map<String, Integer> theirs, String where)
            throws ReflectiveOperationException {
        for (Map.Entry<String, String> name : names.entrySet()) {
            Field field = ours.getDeclaredField(name.getKey());
            assertThat(field.getInt(null)).as(where + " " + name).isEqualTo(theirs.get(name.getValue()));
        }
        assertThat(ours.getDeclaredField("LEAST").getInt(null)).as(where).isLessThanOrEqualTo(theirs.get("size"));
    }

    @Test
    void everyFieldLiesWhereTheHeadersOfEachVersionHaveIt() throws ReflectiveOperationException {
        Map<String, Map<String, Integer>> headers = headers();
        for (String version : List.of("22", "24", "26", "130001", "130500")) {
            same(ActivityLayout.Kernel.class, KERNEL, headers.get(version + " kernel"), version);
            same(ActivityLayout.Memory.class, COPY, headers.get(version + " memcpy"), version);
            same(ActivityLayout.Memory.class, SET, headers.get(version + " memset"), version);
            same(
                    ActivityLayout.Memory.class,
                    Map.of("BYTES", "bytes", "START", "start"),
                    headers.get(version + " memcpy2"),
                    version);
            same(ActivityLayout.Peer.class, PEER, headers.get(version + " memcpy2"), version);
            same(ActivityLayout.Call.class, CALL, headers.get(version + " api"), version);
            same(ActivityLayout.Wait.class, WAIT, headers.get(version + " sync"), version);
            same(ActivityLayout.Graph.class, GRAPH, headers.get(version + " graph"), version);
        }
    }

    @Test
    void recordsAreAsLongAsTheHeadersOfEachVersionSay() {
        headers().forEach((name, fields) -> {
            long version = Long.parseLong(name.substring(0, name.indexOf(' ')));
            assertThat(ActivityLayout.sizes(version)).as(name).containsEntry(fields.get("kind"), fields.get("size"));
        });
    }
}
