package dev.hourglass.core.analysis;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Explains a session, whatever recorded it: runs the analyses, ranks what they found, names the bound of each
/// stage.
///
/// A stage's bound is that of its finding with most time at stake, if that is at least a tenth of the
/// stage's time. The bound of the session is the one with most time at stake over all stages. A stage
/// whose only step is the first of the recording counts only where there is no other.
public final class Explainer {
    /// Share of a stage's time from which what is at stake names its bound: less is not worth being named first.
    private static final double NAMES_BOUND_FROM_SHARE = 0.10;
    /// Share of a step without a known cause from which nothing else may be named: the larger half.
    private static final double UNCLEAR_FROM_SHARE = 0.50;
    private static final List<String> OF_TIMELINES =
            List.of("bound", "steps", "gpu", "op", "memory", "hw", "library", "moe", "engine", "latency", "cpu");
    /// A run that Hourglass itself recorded is asked more.
    private static final List<String> OF_OWN_RUNS =
            Stream.concat(Stream.of("decode"), OF_TIMELINES.stream()).toList();

    /// Analyses that tell of each GPU for itself.
    private static final String OF_EACH_GPU = "bound/";
    /// The one of them that tells of all GPUs of a stage at once.
    private static final String OF_ALL_GPUS = "bound/imbalance";

    private final Session session;
    private final Optional<DeviceSpec> device;
    private final AnalysisRunner runner;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    private Explainer(Session session, Optional<DeviceSpec> device) {
        this.session = session;
        this.device = device;
        this.runner = new AnalysisRunner(session, device);
    }

    public static Explanation explain(Session session) {
        return explain(session, Optional.empty());
    }

    /// @param device the GPU that ran, where the recording does not name it
    public static Explanation explain(Session session, Optional<DeviceSpec> device) {
        return new Explainer(session, device).run();
    }

    private Explanation run() {
        SessionFacts facts = SessionFacts.of(session);
        Optional<DecodeProfile> decode = DecodeProfiler.profile(session, facts);
        List<String> groups = decode.isPresent() ? OF_OWN_RUNS : OF_TIMELINES;
        runAll(groups.stream().flatMap(g -> AnalysisLibrary.under(g).stream()).toList());
        List<StageTime> bare = new StageTimes(session, device, outcomes).of(decode);
        List<Finding> findings = findings(bare);
        List<StageTime> stages = bare.stream()
                .map(s -> s.devices() == 0 ? s : s.bound(boundOf(s, findings)))
                .toList();
        Optional<StageTime> token = Explanation.tokenStage(stages);
        return new Explanation(
                facts.facts(),
                stages,
                overall(stages, findings),
                findings,
                outcomes,
                decode,
                SevenQuestions.answer(decode, token, new SevenQuestions.Evidence(facts, outcomes)),
                Roof.of(session, device),
                ExampleStep.of(session, token),
                notMeasured(facts, decode.isPresent()),
                facts.losses());
    }

    /// On two threads: many short queries leave the database's own threads idle. Closing the second session stops what
    /// it runs, should this thread leave early.
    private void runAll(List<Analysis> analyses) {
        @Nullable Outcome[] done = new Outcome[analyses.size()];
        AtomicInteger next = new AtomicInteger();
        try (Session second = session.again()) {
            Thread other = Thread.ofPlatform()
                    .name("explain")
                    .daemon()
                    .start(() -> runSome(new AnalysisRunner(second, device), analyses, next, done));
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
            } catch (RuntimeException e) {
                next.set(done.length);
            }
        }
    }

    /// One per analysis, stage and part of it, that with most time at stake; the first step's stage after the others.
    private List<Finding> findings(List<StageTime> stages) {
        List<String> firstOnly = stages.stream()
                .filter(StageTime::firstOnly)
                .map(StageTime::name)
                .toList();
        boolean others = stages.size() > firstOnly.size();
        Map<String, List<Finding>> found = new LinkedHashMap<>();
        for (Outcome outcome : outcomes.values()) {
            if (outcome instanceof Outcome.Findings answer) {
                for (Finding f : answer.findings()) {
                    Finding told = stages.stream()
                            .filter(s -> s.name().equals(f.stage()))
                            .findFirst()
                            .map(s -> inferred(f, s))
                            .orElse(f);
                    found.computeIfAbsent(f.id() + "\n" + f.stage() + "\n" + f.part(), _ -> new ArrayList<>())
                            .add(told);
                }
            }
        }
        return reachable(found.values().stream()
                .map(same -> together(same, stages))
                .sorted(Comparator.comparing((Finding f) -> others && firstOnly.contains(f.stage()))
                        .thenComparing(
                                Comparator.comparingDouble(Finding::stakeNs).reversed())
                        .thenComparing(Comparator.comparing(Finding::severity).reversed()))
                .toList());
    }

    private Finding inferred(Finding found, StageTime stage) {
        Finding told = Utilization.inferred(found, stage);
        return told.equals(found) ? found : told.advised(runner.fit(told.remedy()));
    }

    /// What an analysis found on several GPUs of a stage: as the one with most time at stake tells it, with the
    /// mean of
    /// what is at stake over all of them, so that eight equal ranks are judged as one of them is.
    private static Finding together(List<Finding> same, List<StageTime> stages) {
        Finding most =
                same.stream().max(Comparator.comparingDouble(Finding::stakeNs)).orElseThrow();
        long devices = stages.stream()
                .filter(s -> s.name().equals(most.stage()))
                .mapToLong(StageTime::devices)
                .findFirst()
                .orElse(1);
        return devices > 1 && most.id().startsWith(OF_EACH_GPU) && !most.id().equals(OF_ALL_GPUS)
                ? most.atStake(same.stream().mapToDouble(Finding::stakeNs).sum() / devices)
                : most;
    }

    /// No two findings of a stage can win the same time: one that comes later wins at most what the earlier ones
    /// leave.
    private static List<Finding> reachable(List<Finding> findings) {
        Map<String, Double> left = new HashMap<>();
        List<Finding> all = new ArrayList<>();
        for (Finding f : findings) {
            double free = left.getOrDefault(f.stage(), 1.0);
            Finding bounded = f.gain().orElse(0) > free ? f.gains(free) : f;
            left.put(f.stage(), free - Math.max(0, bounded.gain().orElse(0)));
            all.add(bounded);
        }
        return all;
    }

    private static Bound boundOf(StageTime stage, List<Finding> findings) {
        if (stage.kernels() == 0 && stage.launches() == 0) {
            return Bound.UNCLEAR;
        }
        double total = stage.period().usualUs() * stage.period().usual() * 1000;
        return findings.stream()
                .filter(f -> f.stage().equals(stage.name()) && f.bound() != Bound.NONE)
                .filter(f -> f.bound().busy() || f.stakeNs() >= NAMES_BOUND_FROM_SHARE * total)
                .max(Comparator.comparingDouble(Finding::stakeNs))
                .map(Finding::bound)
                .orElseGet(() -> stage.componentUs("remainder")
                                > UNCLEAR_FROM_SHARE * stage.period().usualUs()
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

    /// What the recorder itself says. Where it says nothing because something else recorded, each analysis that lacks
    /// something tells what it lacks.
    private List<NotMeasured> notMeasured(SessionFacts facts, boolean ownRun) {
        List<NotMeasured> all = new ArrayList<>(facts.notMeasured());
        for (Outcome outcome : outcomes.values()) {
            if (!ownRun && outcome instanceof Outcome.NotApplicable absent) {
                all.add(new NotMeasured(
                        absent.analysis().id(), "not_measured", absent.because(), absent.howToRecord()));
            }
        }
        return all;
    }
}
