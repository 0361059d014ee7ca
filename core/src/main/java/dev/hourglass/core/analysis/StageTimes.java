package dev.hourglass.core.analysis;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.stat.Samples;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// Where the time of a session's stages goes, before anything is concluded from it.
final class StageTimes {
    private final Session session;
    private final Optional<DeviceSpec> device;
    private final Map<String, Outcome> outcomes;

    StageTimes(Session session, Optional<DeviceSpec> device, Map<String, Outcome> outcomes) {
        this.session = session;
        this.device = device;
        this.outcomes = outcomes;
    }

    /// Those of a decode run where there is one; beside it those in which GPUs worked, else those of the host.
    List<StageTime> of(Optional<DecodeProfile> decode) {
        List<StageTime> seen = ofDevices();
        if (decode.isEmpty()) {
            return seen.isEmpty() ? HostStages.of(outcomes.get("steps/host_stages"), session) : seen;
        }
        boolean gpu = seen.stream().anyMatch(s -> s.name().equals(DecodeStage.NAME));
        Optional<Utilization.Shares> model = gpu
                ? Optional.empty()
                : Optional.ofNullable(Utilization.of(session, device).get(DecodeStage.NAME));
        return gpu
                ? seen
                : Stream.concat(Stream.of(DecodeStage.of(decode.get(), model)), seen.stream())
                        .toList();
    }

    private List<StageTime> ofDevices() {
        List<StageTime> stages = new ArrayList<>();
        Optional<Rows> answer =
                Optional.ofNullable(outcomes.get("steps/stages")).flatMap(Outcome::answered);
        if (answer.isPresent()) {
            Rows rows = answer.get();
            Map<String, Steps> steps = Steps.of(session);
            Map<String, Utilization.Shares> shares = Utilization.of(session, device);
            Map<String, Double> copied = copied();
            for (int r = 0; r < rows.size(); r++) {
                String name = rows.text(r, "stage", "");
                stages.add(stage(
                        rows,
                        r,
                        steps.getOrDefault(name, Steps.NONE),
                        shares.getOrDefault(name, Utilization.Shares.UNKNOWN),
                        copied.getOrDefault(name, 0.0)));
            }
        }
        return stages;
    }

    /// Every judged step of a stage, in order of time.
    ///
    /// @param periods in microseconds
    /// @param walls in microseconds
    record Steps(List<Double> periods, List<Double> walls) {
        static final Steps NONE = new Steps(List.of(), List.of());

        static Map<String, Steps> of(Session session) {
            Rows rows = session.query(ExplanationQueries.text("step_walls"));
            Map<String, Steps> steps = new HashMap<>();
            for (int r = 0; r < rows.size(); r++) {
                Steps own = steps.computeIfAbsent(
                        rows.text(r, "stage", ""), s -> new Steps(new ArrayList<>(), new ArrayList<>()));
                own.periods.add(rows.real(r, "period").orElse(0));
                own.walls.add(rows.real(r, "wall").orElse(0));
            }
            return steps;
        }

        /// What the walls amount to.
        ///
        /// @param mean of their stage, where none is listed
        Distribution wall(double mean) {
            return walls.isEmpty()
                    ? new Distribution(Unit.MICROSECONDS, 1, mean, 0, mean, mean, mean, mean, mean)
                    : Samples.distribution(
                            Unit.MICROSECONDS,
                            walls.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /// Bytes per token that the usual steps of each stage copied between host and GPUs; of a step where its tokens
    /// are not told.
    private Map<String, Double> copied() {
        Rows rows = session.query(ExplanationQueries.text("copied"));
        Map<String, Double> copied = new HashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            copied.put(rows.text(r, "stage", ""), rows.real(r, "bytes").orElse(0));
        }
        return copied;
    }

    private static StageTime stage(Rows rows, int r, Steps each, Utilization.Shares used, double copiedPerStep) {
        Map<String, Double> us = new LinkedHashMap<>();
        us.put("t_gpu_computation", us(rows, r, "compute"));
        us.put("t_communication", us(rows, r, "communication"));
        us.put("t_pcie_transfer", us(rows, r, "copy"));
        us.put("t_gpu_kernel_launch", us(rows, r, "launch"));
        us.put("t_sync", us(rows, r, "sync"));
        us.put("t_scheduling", us(rows, r, "host"));
        us.put("t_peer", us(rows, r, "peer"));
        us.put("remainder", us(rows, r, "rest") - us(rows, r, "peer"));
        OptionalDouble tokens = rows.real(r, "tokens");
        return new StageTime(
                rows.text(r, "stage", ""),
                rows.integer(r, "steps").orElse(0),
                rows.integer(r, "devices").orElse(0),
                Boolean.TRUE.equals(rows.value(r, "first_only")),
                period(rows, r, each.periods()),
                each.wall(us(rows, r, "wall")),
                each.walls(),
                rows.real(r, "busy_ratio"),
                us,
                us(rows, r, "between"),
                tokens.isPresent() && tokens.getAsDouble() > 0
                        ? OptionalDouble.of(copiedPerStep / tokens.getAsDouble())
                        : OptionalDouble.empty(),
                tokens,
                rows.real(r, "kernels").orElse(0),
                rows.real(r, "launches").orElse(0),
                used.mfu(),
                used.mbu(),
                used.basis(),
                Bound.UNCLEAR);
    }

    /// The row's figures of a period.
    static Period period(Rows rows, int r, List<Double> each) {
        Distribution time = new Distribution(
                Unit.MICROSECONDS,
                rows.integer(r, "periods").orElse(1),
                us(rows, r, "period"),
                us(rows, r, "stddev"),
                us(rows, r, "min"),
                us(rows, r, "p50"),
                rows.real(r, "p90").orElse(Double.NaN) / 1000,
                rows.real(r, "p99").orElse(Double.NaN) / 1000,
                us(rows, r, "max"));
        boolean parted = rows.columns().contains("usual");
        return new Period(
                time,
                each,
                Period.Told.of(rows.text(r, "told", "wall")),
                parted ? us(rows, r, "usual_period") : time.mean(),
                parted ? rows.integer(r, "usual").orElse(time.n()) : time.n(),
                rows.real(r, "rate"),
                parted ? rows.integer(r, "interrupted").orElse(0) : 0,
                parted ? scaled(rows.real(r, "interval")) : OptionalDouble.empty());
    }

    private static OptionalDouble scaled(OptionalDouble ns) {
        return ns.isPresent() ? OptionalDouble.of(ns.getAsDouble() / 1000) : ns;
    }

    static double us(Rows rows, int r, String column) {
        return rows.real(r, column).orElse(0) / 1000;
    }
}
