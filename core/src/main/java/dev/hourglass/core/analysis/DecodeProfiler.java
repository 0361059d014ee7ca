package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.stat.PairedShift;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Computes a [DecodeProfile] from a session's database.
final class DecodeProfiler {
    /// What a distribution is made of.
    private static final String[] DISTRIBUTION = {"n", "mean", "min", "p50", "max"};

    private static final String NOT_RECORDED = "this session holds no such record";

    private final Session session;
    private final SessionFacts facts;

    private DecodeProfiler(Session session, SessionFacts facts) {
        this.session = session;
        this.facts = facts;
    }

    /// What the session's profiled decode steps amount to; empty where it holds none.
    static Optional<DecodeProfile> profile(Session session, SessionFacts facts) {
        return new DecodeProfiler(session, facts).build();
    }

    private Optional<DecodeProfile> build() {
        Map<String, Distribution> latency = latency();
        return Optional.ofNullable(latency.get("profiled"))
                .map(tToken -> build(latency, tToken))
                .filter(DecodeProfile::hasNeck);
    }

    private DecodeProfile build(Map<String, Distribution> latency, Distribution tToken) {
        List<DecodeProfile.ComponentTime> components = components(tToken);
        List<DecodeProfile.TokenTime> tokens = tokens();
        List<DecodeProfile.LayerTime> layers = layers();
        return new DecodeProfile(
                tToken,
                latency.getOrDefault("unprofiled", tToken),
                components,
                layers,
                tokens,
                example(),
                experts(),
                cores(),
                threads(),
                bound(),
                reading(),
                ceilings(),
                counters(),
                contention(),
                overhead(tokens),
                FullDepths.estimate(facts, tToken, components, layers));
    }

    private Map<String, Distribution> latency() {
        Rows rows = AnalysisLibrary.run(session, "decode/latency").with(DISTRIBUTION);
        Map<String, Distribution> out = new LinkedHashMap<>();
        IntStream.range(0, rows.size()).forEach(r -> out.put(rows.text(r, "steps", ""), distribution(rows, r)));
        return out;
    }

    private List<DecodeProfile.ComponentTime> components(Distribution tToken) {
        Rows rows = AnalysisLibrary.run(session, "decode/components").with(DISTRIBUTION);
        Map<String, Distribution> measured = new LinkedHashMap<>();
        IntStream.range(0, rows.size())
                .forEach(r -> measured.put(rows.text(r, "component", ""), distribution(rows, r)));
        boolean waits = onGpu() && measured.containsKey(Component.T_SYNC.key());
        Rows sync = AnalysisLibrary.run(session, "decode/sync").with(DISTRIBUTION);
        if (sync.size() > 0 && !waits) {
            measured.put(Component.T_SYNC.key(), distribution(sync, 0));
        }
        List<DecodeProfile.ComponentTime> out = new ArrayList<>();
        for (Component component : Component.values()) {
            boolean exclusive = component.exclusive() || (waits && component == Component.T_SYNC);
            out.add(componentTime(component, exclusive, measured.get(component.key()), tToken));
        }
        return out;
    }

    /// Whether a GPU took part.
    private boolean onGpu() {
        return facts.facts().containsKey("run.placement");
    }

    private DecodeProfile.ComponentTime componentTime(
            Component component, boolean exclusive, @Nullable Distribution time, Distribution tToken) {
        if (time == null) {
            NotMeasured why = facts.absence(component.key())
                    .orElseGet(() -> new NotMeasured(component.key(), "not_measured", NOT_RECORDED, null));
            return new DecodeProfile.ComponentTime(component, exclusive, Optional.empty(), OptionalDouble.empty(), why);
        }
        return new DecodeProfile.ComponentTime(
                component,
                exclusive,
                Optional.of(time),
                OptionalDouble.of(tToken.mean() == 0 ? 0 : time.mean() / tToken.mean()),
                null);
    }

    private List<DecodeProfile.LayerTime> layers() {
        Rows rows = AnalysisLibrary.run(session, "decode/layers").with("layer");
        Map<Integer, Map<String, Double>> byLayer = new TreeMap<>();
        for (int r = 0; r < rows.size(); r++) {
            byLayer.computeIfAbsent((int) rows.integer(r, "layer").orElseThrow(), l -> new LinkedHashMap<>())
                    .put(rows.text(r, "component", ""), rows.real(r, "us").orElse(0));
        }
        return byLayer.entrySet().stream()
                .map(e -> new DecodeProfile.LayerTime(e.getKey(), e.getValue()))
                .toList();
    }

    private List<DecodeProfile.TokenTime> tokens() {
        Rows parts = session.query(ExplanationQueries.text("token_parts")).with("token");
        Map<Integer, Map<String, Double>> byToken = new TreeMap<>();
        for (int r = 0; r < parts.size(); r++) {
            byToken.computeIfAbsent((int) parts.integer(r, "token").orElseThrow(), t -> new LinkedHashMap<>())
                    .put(parts.text(r, "component", ""), parts.real(r, "us").orElse(0));
        }
        Rows rows = AnalysisLibrary.run(session, "decode/tokens").with("token", "us");
        List<DecodeProfile.TokenTime> out = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            int token = (int) rows.integer(r, "token").orElseThrow();
            out.add(new DecodeProfile.TokenTime(
                    token,
                    rows.integer(r, "ts").orElse(0),
                    rows.real(r, "us").orElseThrow(),
                    rows.real(r, "unprofiled_us"),
                    rows.integer(r, "position").orElse(0),
                    byToken.getOrDefault(token, Map.of())));
        }
        return out;
    }

    private DecodeProfile.Example example() {
        Rows rows = AnalysisLibrary.run(session, "decode/example").with("token", "us", "start", "dur");
        List<DecodeProfile.Piece> pieces = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            var layer = rows.integer(r, "layer");
            var bytes = rows.integer(r, "weight_bytes");
            pieces.add(new DecodeProfile.Piece(
                    layer.isPresent() ? (Integer) (int) layer.getAsLong() : null,
                    rows.text(r, "name", ""),
                    rows.text(r, "kind", ""),
                    rows.text(r, "component", ""),
                    rows.integer(r, "start").orElseThrow(),
                    rows.integer(r, "dur").orElseThrow(),
                    bytes.isPresent() ? (Long) bytes.getAsLong() : null));
        }
        int token = rows.size() == 0 ? 0 : (int) rows.integer(0, "token").orElseThrow();
        return new DecodeProfile.Example(
                token, rows.size() == 0 ? 0 : rows.real(0, "us").orElseThrow(), pieces);
    }

    private Optional<DecodeProfile.ExpertActivity> experts() {
        Rows rows = AnalysisLibrary.run(session, "decode/experts").with("layer", "expert");
        if (rows.size() == 0) {
            return Optional.empty();
        }
        int experts = 1
                + (int) IntStream.range(0, rows.size())
                        .mapToLong(r -> rows.integer(r, "expert").orElse(0))
                        .reduce(facts.number("model.experts") - 1, Math::max);
        Map<Integer, Long[]> byLayer = new TreeMap<>();
        for (int r = 0; r < rows.size(); r++) {
            Long[] counts =
                    byLayer.computeIfAbsent((int) rows.integer(r, "layer").orElseThrow(), l -> zeros(experts));
            counts[(int) rows.integer(r, "expert").orElseThrow()] =
                    rows.integer(r, "tokens").orElse(0);
        }
        Rows imbalance = session.query(ExplanationQueries.text("imbalance"));
        return Optional.of(new DecodeProfile.ExpertActivity(
                experts,
                (int) facts.number("model.experts_used"),
                byLayer.entrySet().stream()
                        .map(e -> new DecodeProfile.LayerChoices(e.getKey(), List.of(e.getValue())))
                        .toList(),
                imbalance.real(0, "ratio").orElse(0),
                pairs()));
    }

    private static Long[] zeros(int n) {
        Long[] out = new Long[n];
        Arrays.fill(out, 0L);
        return out;
    }

    private List<DecodeProfile.Pair> pairs() {
        Rows rows = AnalysisLibrary.run(session, "decode/expert_pairs").with("layer", "first", "second", "tokens");
        return IntStream.range(0, rows.size())
                .mapToObj(r -> new DecodeProfile.Pair(
                        (int) rows.integer(r, "layer").orElseThrow(),
                        (int) rows.integer(r, "first").orElseThrow(),
                        (int) rows.integer(r, "second").orElseThrow(),
                        rows.integer(r, "tokens").orElseThrow()))
                .toList();
    }

    private List<DecodeProfile.CoreActivity> cores() {
        Rows rows = AnalysisLibrary.run(session, "decode/cores").with("core");
        Map<Integer, List<Integer>> byCore = new TreeMap<>();
        IntStream.range(0, rows.size())
                .forEach(r -> byCore.computeIfAbsent(
                                (int) rows.integer(r, "core").orElseThrow(), c -> new ArrayList<>())
                        .add(r));
        return byCore.entrySet().stream()
                .map(e -> new DecodeProfile.CoreActivity(
                        e.getKey(),
                        weighted(rows, e.getValue(), "busy").orElse(0),
                        weighted(rows, e.getValue(), "user").orElse(0),
                        weighted(rows, e.getValue(), "system").orElse(0),
                        weighted(rows, e.getValue(), "steal").orElse(0),
                        weighted(rows, e.getValue(), "mhz"),
                        e.getValue().stream()
                                .map(r -> rows.real(r, "busy").orElse(0))
                                .toList()))
                .toList();
    }

    private static OptionalDouble weighted(Rows rows, List<Integer> indices, String column) {
        double sum = 0;
        double weight = 0;
        for (int r : indices) {
            OptionalDouble value = rows.real(r, column);
            if (value.isPresent()) {
                double dur = rows.real(r, "dur").orElse(0);
                sum += value.getAsDouble() * dur;
                weight += dur;
            }
        }
        return weight > 0 ? OptionalDouble.of(sum / weight) : OptionalDouble.empty();
    }

    private List<DecodeProfile.ThreadActivity> threads() {
        Rows rows = AnalysisLibrary.run(session, "decode/threads").with("tid");
        return IntStream.range(0, rows.size())
                .mapToObj(r -> new DecodeProfile.ThreadActivity(
                        rows.integer(r, "tid").orElseThrow(),
                        rows.text(r, "name", ""),
                        rows.real(r, "running").orElse(0),
                        rows.real(r, "waiting_for_cpu").orElse(0),
                        rows.integer(r, "involuntary").orElse(0)))
                .toList();
    }

    private Optional<DecodeProfile.MemoryBound> bound() {
        Rows rows = AnalysisLibrary.run(session, "decode/bound").with("expert_rate", "token_rate", "ceiling", "ratio");
        if (rows.size() == 0) {
            return Optional.empty();
        }
        return Optional.of(new DecodeProfile.MemoryBound(
                rows.real(0, "expert_rate").orElseThrow(),
                rows.real(0, "token_rate").orElseThrow(),
                rows.real(0, "ceiling").orElseThrow(),
                rows.real(0, "ratio").orElseThrow(),
                rows.text(0, "verdict", "unclear")));
    }

    private List<DecodeProfile.Reading> reading() {
        Rows rows = AnalysisLibrary.run(session, "decode/bandwidth").with("rate", "ceiling", "ratio");
        return IntStream.range(0, rows.size())
                .mapToObj(r -> new DecodeProfile.Reading(
                        rows.text(r, "part", ""),
                        rows.real(r, "rate").orElseThrow(),
                        rows.real(r, "ceiling").orElseThrow(),
                        rows.real(r, "ratio").orElseThrow(),
                        rows.text(r, "verdict", "")))
                .toList();
    }

    private List<DecodeProfile.Ceiling> ceilings() {
        Rows rows = session.query(ExplanationQueries.text("ceilings")).with("value");
        return IntStream.range(0, rows.size())
                .mapToObj(r -> new DecodeProfile.Ceiling(
                        rows.text(r, "name", ""),
                        rows.text(r, "device", ""),
                        rows.real(r, "value").orElseThrow(),
                        rows.text(r, "unit", ""),
                        rows.real(r, "median").orElse(0),
                        rows.real(r, "stddev").orElse(0),
                        rows.integer(r, "n").orElse(0),
                        rows.text(r, "method", "")))
                .toList();
    }

    private List<DecodeProfile.Counter> counters() {
        Rows rows = session.query(ExplanationQueries.text("counters"));
        return IntStream.range(0, rows.size())
                .mapToObj(r -> {
                    var value = rows.integer(r, "value");
                    return new DecodeProfile.Counter(
                            rows.text(r, "event", ""),
                            rows.text(r, "scope", ""),
                            value.isPresent() ? (Long) value.getAsLong() : null,
                            nullable(rows, r, "reason"));
                })
                .toList();
    }

    private Optional<DecodeProfile.Contention> contention() {
        Rows rows = AnalysisLibrary.run(session, "decode/contention");
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(new DecodeProfile.Contention(rows.text(0, "level", ""), rows.text(0, "reason", "")));
    }

    private Optional<DecodeProfile.Overhead> overhead(List<DecodeProfile.TokenTime> tokens) {
        double[] percent = tokens.stream()
                .filter(t -> t.unprofiledUs().orElse(0) > 0)
                .mapToDouble(t -> 100 * (t.us() / t.unprofiledUs().getAsDouble() - 1))
                .toArray();
        if (percent.length == 0) {
            return Optional.empty();
        }
        String apart =
                onGpu() ? "; the unprofiled steps ran in a process of their own, at the same places in the cache" : "";
        PairedShift shift = PairedShift.of(percent);
        return Optional.of(new DecodeProfile.Overhead(
                shift.estimate(), shift.low(), shift.high(), percent.length, PairedShift.METHOD + apart));
    }

    private static @Nullable String nullable(Rows rows, int row, String column) {
        Object value = rows.value(row, column);
        return value == null ? null : value.toString();
    }

    private static Distribution distribution(Rows rows, int r) {
        return new Distribution(
                Unit.MICROSECONDS,
                rows.integer(r, "n").orElseThrow(),
                rows.real(r, "mean").orElseThrow(),
                rows.real(r, "stddev").orElse(0),
                rows.real(r, "min").orElseThrow(),
                rows.real(r, "p50").orElseThrow(),
                rows.real(r, "p90").orElse(Double.NaN),
                rows.real(r, "p99").orElse(Double.NaN),
                rows.real(r, "max").orElseThrow());
    }
}
