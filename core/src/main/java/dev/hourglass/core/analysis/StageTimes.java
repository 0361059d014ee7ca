package dev.hourglass.core.analysis;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
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
            Map<String, List<Double>> walls = walls();
            Map<String, Utilization.Shares> shares = Utilization.of(session, device);
            Map<String, Double> copied = copied();
            for (int r = 0; r < rows.size(); r++) {
                stages.add(stage(rows, r, walls, shares, copied));
            }
        }
        return stages;
    }

    private Map<String, List<Double>> walls() {
        Rows rows = session.query(ExplanationQueries.text("step_walls"));
        Map<String, List<Double>> walls = new HashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            walls.computeIfAbsent(rows.text(r, "stage", ""), s -> new ArrayList<>())
                    .add(rows.real(r, "us").orElse(0));
        }
        return walls;
    }

    /// Bytes that the judged steps of each stage copied between host and GPUs.
    private Map<String, Double> copied() {
        Rows rows = session.query(ExplanationQueries.text("copied"));
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
}
