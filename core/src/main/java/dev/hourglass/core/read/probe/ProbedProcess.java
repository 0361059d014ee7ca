package dev.hourglass.core.read.probe;

import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.RowWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One process, as it tells of itself.
final class ProbedProcess {
    private static final String ENGINE_CORE = "engine";
    private static final String WORKER = "worker";
    private static final String RANKS = "ranks";

    private final Segment.ProcessId id;
    private final List<Segment> segments = new ArrayList<>();
    private Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    private Map<String, @Nullable Object> config = new LinkedHashMap<>();
    private Optional<String> engine = Optional.empty();

    ProbedProcess(Segment.ProcessId id) {
        this.id = id;
    }

    void add(Segment segment) {
        segments.add(segment);
    }

    /// Its files in the order in which it wrote them.
    List<Segment> segments() {
        return segments.stream()
                .sorted((a, b) -> Long.compare(a.sequence(), b.sequence()))
                .toList();
    }

    /// Takes in what it says it is; false where the text is none of that kind.
    boolean describe(String kind, String json) {
        try {
            Map<String, @Nullable Object> told =
                    JsonTree.object(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
            if (kind.equals("meta")) {
                meta = told;
            } else {
                config = told;
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    long pid() {
        return id.pid();
    }

    long parent() {
        return JsonTree.number(meta, "parent", -1);
    }

    String role() {
        String role = JsonTree.text(meta, "role");
        return role.isEmpty() ? "python" : role;
    }

    /// Without processes of its own an engine does in one what else several do: its role is all of theirs.
    private boolean does(String role) {
        return List.of(role().split("\\+", -1)).contains(role);
    }

    boolean isEngineCore() {
        return does(ENGINE_CORE);
    }

    boolean isWorker() {
        return does(WORKER);
    }

    /// When it began, or first wrote.
    long startTs() {
        return JsonTree.number(meta, "start_ns", Long.MAX_VALUE);
    }

    /// Name and number of the engine whose core it is.
    String engineName() {
        String name = JsonTree.text(meta, "engine");
        return name.isEmpty() ? "engine" : name;
    }

    OptionalLong rank(String kind) {
        long rank = JsonTree.number(JsonTree.object(meta, RANKS), kind, -1);
        return rank < 0 ? OptionalLong.empty() : OptionalLong.of(rank);
    }

    /// Whether its routed experts count: of workers that share every token the first one's.
    boolean isFirstOfTensorParallel() {
        return rank("tensor_parallel").orElse(0) == 0;
    }

    String commandLine() {
        return meta.get("argv") instanceof List<?> words
                ? String.join(" ", words.stream().map(String::valueOf).toList())
                : JsonTree.text(meta, "argv");
    }

    /// Versions of what runs in it.
    String software() {
        List<String> parts = new ArrayList<>();
        for (String name : List.of("python", "engine", "probe")) {
            String version = JsonTree.text(meta, name.equals("engine") ? "engine_version" : name);
            if (!version.isEmpty()) {
                parts.add((name.equals("engine") ? engineName() : name) + " " + version);
            }
        }
        return String.join(", ", parts);
    }

    Map<String, @Nullable Object> config() {
        return config;
    }

    /// The engine that it works for.
    Optional<String> engine() {
        return engine;
    }

    void belongsTo(Optional<String> found) {
        this.engine = found;
    }

    /// Sets the columns that name it.
    RowWriter identify(RowWriter row) {
        row.set("pid", pid());
        return name(row);
    }

    /// Sets the column that names its engine.
    RowWriter name(RowWriter row) {
        engine.ifPresent(known -> row.set("engine", known));
        return row;
    }
}
