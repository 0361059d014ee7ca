package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a comparison needs of a run: the time of each step and of its parts, and what ran.
///
/// @param name what the run is called
/// @param stage the stage whose steps these are
/// @param tTokenUs time of each judged step, in order of time
/// @param componentsUs by component key: its time in each of these steps. The components do not overlap
///     and add up to the step's time
/// @param kernels by short name: how often and how long per step
public record RunSamples(
        String name,
        String stage,
        List<Double> tTokenUs,
        Map<String, List<Double>> componentsUs,
        Map<String, KernelUse> kernels) {

    /// How often and how long something ran.
    public record KernelUse(double callsPerStep, double usPerStep) {}

    public RunSamples {
        tTokenUs = List.copyOf(tTokenUs);
        componentsUs = Collections.unmodifiableMap(new LinkedHashMap<>(componentsUs));
        kernels = Collections.unmodifiableMap(new LinkedHashMap<>(kernels));
    }

    /// Reads a session: the profiled tokens of a decode run, or the steps of the stage whose steps are
    /// tokens.
    ///
    /// @throws IllegalArgumentException if it has no steps
    public static RunSamples of(Session session, String name) {
        return of(session, name, "");
    }

    /// The same of another stage, where the session has steps of it.
    ///
    /// @param stage the stage that is wanted; empty for none in particular
    /// @throws IllegalArgumentException if the session has no steps
    public static RunSamples of(Session session, String name, String stage) {
        boolean tokens = session.query("SELECT 1 FROM token LIMIT 1").size() > 0;
        RunSamples samples = tokens ? ofTokens(session, name) : ofSteps(session, name, stage);
        if (samples.tTokenUs().isEmpty()) {
            throw new IllegalArgumentException(name + " has no steps to compare: neither decode steps nor GPU work");
        }
        return samples;
    }

    private static RunSamples ofTokens(Session session, String name) {
        Rows times = session.query("SELECT dur / 1000.0 AS us FROM token ORDER BY token");
        Rows parts =
                session.query("SELECT component, dur / 1000.0 AS us FROM token_component ORDER BY component, token");
        Rows ops = session.query("SELECT name, count(*) * 1e0 / (SELECT count(*) FROM token) AS calls,"
                + " sum(dur) / 1000.0 / (SELECT count(*) FROM token) AS us FROM op GROUP BY name ORDER BY us DESC");
        return new RunSamples(name, "decode", column(times), byComponent(parts), kernels(ops));
    }

    private static RunSamples ofSteps(Session session, String name, String wanted) {
        Rows stages = session.query("SELECT belongs AS stage FROM step_time WHERE judged AND stage <> 'between'"
                + " GROUP BY belongs ORDER BY belongs <> '" + wanted.replace("'", "''")
                + "', belongs <> 'decode', bool_and(first), sum(wall) DESC LIMIT 1");
        if (stages.size() == 0) {
            return new RunSamples(name, "", List.of(), Map.of(), Map.of());
        }
        String stage = stages.text(0, "stage", "");
        String where = " FROM step_time WHERE judged AND stage = '" + stage.replace("'", "''") + "'";
        Rows times =
                session.query("SELECT avg(wall) / 1000.0 AS us" + where + " GROUP BY step, source_id ORDER BY min(ts)");
        Rows parts = session.query(
                "WITH part AS (SELECT step, min(ts) AS ts, unnest([{'c': 't_gpu_computation', 'us':"
                        + " avg(compute)}, {'c': 't_communication', 'us': avg(communication)}, {'c': 't_pcie_transfer', 'us':"
                        + " avg(copy)}, {'c': 't_gpu_kernel_launch', 'us': avg(launch)}, {'c': 't_sync', 'us': avg(sync)},"
                        + " {'c': 't_scheduling', 'us': avg(host)}, {'c': 'remainder', 'us': avg(rest)}]) AS p" + where
                        + " GROUP BY step, source_id) SELECT p.c AS component, p.us / 1000.0 AS us FROM part ORDER BY component, ts");
        Rows kernels = session.query(
                "WITH judged AS (SELECT DISTINCT step" + where + ")"
                        + " SELECT o.short_name AS name, count(*) * 1e0 / (SELECT count(*) FROM judged) AS calls,"
                        + " sum(o.end_ts - o.ts) / 1000.0 / (SELECT count(*) FROM judged) AS us FROM device_op o"
                        + " JOIN step_op s ON s.id = o.id JOIN judged j ON j.step = s.step GROUP BY o.short_name ORDER BY us DESC");
        return new RunSamples(name, stage, column(times), byComponent(parts), kernels(kernels));
    }

    private static List<Double> column(Rows rows) {
        List<Double> values = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            values.add(rows.real(r, "us").orElse(0));
        }
        return values;
    }

    private static Map<String, List<Double>> byComponent(Rows rows) {
        Map<String, List<Double>> parts = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            parts.computeIfAbsent(rows.text(r, "component", ""), c -> new ArrayList<>())
                    .add(rows.real(r, "us").orElse(0));
        }
        return parts;
    }

    private static Map<String, KernelUse> kernels(Rows rows) {
        Map<String, KernelUse> kernels = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            kernels.put(
                    rows.text(r, "name", ""),
                    new KernelUse(
                            rows.real(r, "calls").orElse(0), rows.real(r, "us").orElse(0)));
        }
        return kernels;
    }
}
