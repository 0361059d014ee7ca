package dev.hourglass.core.analysis;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Explains a session with GPU work: runs the analyses, ranks what they found, names the bound of each
/// stage.
///
/// A stage's bound is that of its finding with most time at stake, if that is at least a tenth of the
/// stage's time. The bound of the session is the one with most time at stake over all stages. A stage
/// whose only step is the first of the recording counts only where there is no other.
public final class Explainer {
    private static final double DOMINATES = 0.10;
    private static final double UNEXPLAINED = 0.50;
    private static final List<String> GROUPS =
            List.of("bound", "steps", "gpu", "op", "memory", "hw", "library", "moe", "engine", "latency", "cpu");

    private final Session session;
    private final Optional<DeviceSpec> device;
    private final AnalysisRunner runner;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
    private final Map<String, String> facts = new HashMap<>();

    private Explainer(Session session, Optional<DeviceSpec> device) {
        this.session = session;
        this.device = device;
        this.runner = new AnalysisRunner(session);
    }

    public static Explanation explain(Session session) {
        return explain(session, Optional.empty());
    }

    /// @param device the GPU that ran, where the recording does not name it
    public static Explanation explain(Session session, Optional<DeviceSpec> device) {
        return new Explainer(session, device).run();
    }

    /// The data sheet of the GPU that the session names; empty where it names none that is known.
    public static Optional<DeviceSpec> device(Session session) {
        return Utilization.device(session);
    }

    private Explanation run() {
        readFacts();
        runAll(GROUPS.stream().flatMap(g -> AnalysisLibrary.under(g).stream()).toList());
        List<StageTime> bare = stages();
        List<Finding> findings = findings(bare);
        List<StageTime> stages = bare.stream()
                .map(s -> s.devices() == 0 ? s : s.bound(boundOf(s, findings)))
                .toList();
        return new Explanation(
                facts,
                stages,
                overall(stages, findings),
                findings,
                outcomes,
                GpuQuestions.answer(session, Explanation.tokenStage(stages), outcomes),
                Roof.of(session, device),
                ExampleStep.of(session, Explanation.tokenStage(stages)),
                notMeasured(),
                losses());
    }

    /// On two threads: many short queries leave the database's own threads idle.
    private void runAll(List<Analysis> analyses) {
        @Nullable Outcome[] done = new Outcome[analyses.size()];
        AtomicInteger next = new AtomicInteger();
        try (Session second = session.again()) {
            Thread other = Thread.ofPlatform()
                    .name("explain")
                    .daemon()
                    .start(() -> runSome(new AnalysisRunner(second), analyses, next, done));
            runSome(runner, analyses, next, done);
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueryException("interrupted", e);
        }
        for (int i = 0; i < done.length; i++) {
            outcomes.put(analyses.get(i).id(), done[i] == null ? runner.run(analyses.get(i)) : done[i]);
        }
    }

    /// What fails here is run again by the caller, who tells why.
    private static void runSome(
            AnalysisRunner runner, List<Analysis> analyses, AtomicInteger next, @Nullable Outcome[] done) {
        for (int i = next.getAndIncrement(); i < done.length; i = next.getAndIncrement()) {
            try {
                done[i] = runner.run(analyses.get(i));
            } catch (QueryException e) {
                next.set(done.length);
            }
        }
    }

    private void readFacts() {
        Rows rows = session.query("SELECT name, value FROM metadata");
        for (int r = 0; r < rows.size(); r++) {
            facts.put(rows.text(r, "name", ""), rows.text(r, "value", ""));
        }
    }

    private List<StageTime> stages() {
        List<StageTime> stages = new ArrayList<>();
        if (outcomes.get("steps/stages") instanceof Outcome.Clean answer) {
            Map<String, List<Double>> walls = walls();
            Map<String, Utilization.Shares> shares = Utilization.of(session, device);
            Map<String, Double> copied = copied();
            for (int r = 0; r < answer.rows().size(); r++) {
                stages.add(stage(answer.rows(), r, walls, shares, copied));
            }
        }
        return stages.isEmpty() ? HostStages.of(outcomes.get("steps/host_stages"), session) : stages;
    }

    private Map<String, List<Double>> walls() {
        Rows rows = session.query("SELECT belongs AS stage, avg(wall) / 1000.0 AS us FROM step_time"
                + " WHERE judged AND stage <> 'between' GROUP BY belongs, step, source_id ORDER BY min(ts)");
        Map<String, List<Double>> walls = new HashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            walls.computeIfAbsent(rows.text(r, "stage", ""), s -> new ArrayList<>())
                    .add(rows.real(r, "us").orElse(0));
        }
        return walls;
    }

    /// Bytes that the judged steps of each stage copied between host and GPUs.
    private Map<String, Double> copied() {
        Rows rows = session.query("SELECT t.belongs AS stage, sum(o.bytes) AS bytes FROM device_op o"
                + " JOIN step_op s ON s.id = o.id JOIN (SELECT DISTINCT step, belongs FROM step_time WHERE judged) t"
                + " ON t.step = s.step WHERE o.class = 'copy' GROUP BY ALL");
        Map<String, Double> copied = new HashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            copied.put(rows.text(r, "stage", ""), rows.real(r, "bytes").orElse(0));
        }
        return copied;
    }

    private static StageTime stage(
            Rows rows,
            int r,
            Map<String, List<Double>> walls,
            Map<String, Utilization.Shares> shares,
            Map<String, Double> copied) {
        Map<String, Double> us = new LinkedHashMap<>();
        us.put("t_gpu_computation", us(rows, r, "compute"));
        us.put("t_communication", us(rows, r, "communication"));
        us.put("t_pcie_transfer", us(rows, r, "copy"));
        us.put("t_gpu_kernel_launch", us(rows, r, "launch"));
        us.put("t_sync", us(rows, r, "sync"));
        us.put("t_scheduling", us(rows, r, "host"));
        us.put("remainder", us(rows, r, "rest"));
        String name = rows.text(r, "stage", "");
        double perStep = copied.getOrDefault(name, 0.0)
                / Math.max(1, rows.integer(r, "steps").orElse(1));
        Utilization.Shares used = shares.getOrDefault(name, Utilization.Shares.UNKNOWN);
        return new StageTime(
                name,
                rows.integer(r, "steps").orElse(0),
                rows.integer(r, "devices").orElse(0),
                Boolean.TRUE.equals(rows.value(r, "first_only")),
                wall(rows, r),
                walls.getOrDefault(name, List.of()),
                rows.real(r, "busy_ratio"),
                us,
                us(rows, r, "between"),
                OptionalDouble.of(perStep / Math.max(1, rows.real(r, "tokens").orElse(1))),
                rows.real(r, "tokens"),
                rows.real(r, "kernels").orElse(0),
                rows.real(r, "launches").orElse(0),
                used.mfu(),
                used.mbu(),
                used.basis(),
                Bound.UNCLEAR);
    }

    static Distribution wall(Rows rows, int r) {
        return new Distribution(
                Unit.MICROSECONDS,
                rows.integer(r, "steps").orElse(1),
                us(rows, r, "wall"),
                us(rows, r, "stddev"),
                us(rows, r, "min"),
                us(rows, r, "p50"),
                us(rows, r, "p90"),
                us(rows, r, "p99"),
                us(rows, r, "max"));
    }

    static double us(Rows rows, int r, String column) {
        return rows.real(r, column).orElse(0) / 1000;
    }

    /// One per analysis and stage, that with most time at stake; the first step's stage after the others.
    private List<Finding> findings(List<StageTime> stages) {
        List<String> firstOnly = stages.stream()
                .filter(StageTime::firstOnly)
                .map(StageTime::name)
                .toList();
        boolean others = stages.size() > firstOnly.size();
        Map<String, Finding> best = new LinkedHashMap<>();
        for (Outcome outcome : outcomes.values()) {
            if (outcome instanceof Outcome.Findings found) {
                for (Finding f : found.findings()) {
                    Finding told = stages.stream()
                            .filter(s -> s.name().equals(f.stage()))
                            .findFirst()
                            .map(s -> Utilization.inferred(f, s))
                            .orElse(f);
                    Finding kept = others && firstOnly.contains(f.stage()) ? told.softened() : told;
                    best.merge(f.id() + "\n" + f.stage(), kept, (a, b) -> b.stakeNs() > a.stakeNs() ? b : a);
                }
            }
        }
        return best.values().stream()
                .sorted(Comparator.comparing((Finding f) -> others && firstOnly.contains(f.stage()))
                        .thenComparing(
                                Comparator.comparingDouble(Finding::stakeNs).reversed())
                        .thenComparing(Comparator.comparing(Finding::severity).reversed()))
                .toList();
    }

    private static Bound boundOf(StageTime stage, List<Finding> findings) {
        if (stage.kernels() == 0 && stage.launches() == 0) {
            return Bound.UNCLEAR;
        }
        double total = (stage.wall().mean() + stage.betweenUs()) * stage.steps() * 1000;
        return findings.stream()
                .filter(f -> f.stage().equals(stage.name()) && f.bound() != Bound.NONE)
                .filter(f -> f.bound().busy() || f.stakeNs() >= DOMINATES * total)
                .max(Comparator.comparingDouble(Finding::stakeNs))
                .map(Finding::bound)
                .orElseGet(() -> stage.componentUs("remainder")
                                > UNEXPLAINED * stage.wall().mean()
                        ? Bound.UNCLEAR
                        : Bound.NONE);
    }

    private static Bound overall(List<StageTime> stages, List<Finding> findings) {
        if (stages.stream().allMatch(s -> s.devices() == 0)) {
            return stages.stream().findFirst().map(StageTime::bound).orElse(Bound.UNCLEAR);
        }
        boolean others = stages.stream().anyMatch(s -> !s.firstOnly());
        Map<Bound, Double> stakes = new HashMap<>();
        for (StageTime stage : stages) {
            if (!others || !stage.firstOnly()) {
                double stake = findings.stream()
                        .filter(f -> f.stage().equals(stage.name()) && f.bound() == stage.bound())
                        .mapToDouble(Finding::stakeNs)
                        .max()
                        .orElse(0);
                stakes.merge(stage.bound(), stake, Double::sum);
            }
        }
        return stakes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(Bound.UNCLEAR);
    }

    /// What the session itself says, and each analysis that lacks something.
    private List<DecodeProfile.NotMeasured> notMeasured() {
        List<DecodeProfile.NotMeasured> all = new ArrayList<>();
        Rows rows = session.query("SELECT item, status, reason, how_to_record FROM not_measured ORDER BY ALL");
        for (int r = 0; r < rows.size(); r++) {
            Object how = rows.value(r, "how_to_record");
            all.add(new DecodeProfile.NotMeasured(
                    rows.text(r, "item", ""),
                    rows.text(r, "status", "not_measured"),
                    rows.text(r, "reason", ""),
                    how == null ? null : how.toString()));
        }
        for (Outcome outcome : outcomes.values()) {
            if (outcome instanceof Outcome.NotApplicable(Analysis analysis, List<String> missing, String how)) {
                all.add(new DecodeProfile.NotMeasured(
                        analysis.id(),
                        "not_measured",
                        "the session has no rows in " + String.join(", ", missing),
                        how));
            }
        }
        return all;
    }

    private List<DecodeProfile.Loss> losses() {
        Rows rows = session.query("SELECT source, kind, severity, count, place FROM import_stat ORDER BY ALL");
        List<DecodeProfile.Loss> losses = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            losses.add(new DecodeProfile.Loss(
                    rows.text(r, "source", ""),
                    rows.text(r, "kind", ""),
                    rows.text(r, "severity", ""),
                    rows.integer(r, "count").orElse(0),
                    rows.text(r, "place", "")));
        }
        return losses;
    }
}
