package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All processes of a recording, and which engine each works for.
final class Processes {
    private final Map<Segment.ProcessId, ProbedProcess> byId = new LinkedHashMap<>();

    private Processes() {}

    /// Reads what they say of themselves, which may stand anywhere.
    static Processes of(List<Segment> segments, RecordLayout layout, ImportContext context) throws IOException {
        Processes processes = new Processes();
        for (Segment segment : segments) {
            processes
                    .byId
                    .computeIfAbsent(segment.process(), ProbedProcess::new)
                    .add(segment);
        }
        for (ProbedProcess process : processes.byId.values()) {
            describe(process, layout, context);
        }
        processes.nameEngines();
        return processes;
    }

    private static void describe(ProbedProcess process, RecordLayout layout, ImportContext context) throws IOException {
        ImportContext quiet = ImportContext.standalone(); // what is damaged is counted when everything is read
        for (Segment segment : process.segments()) {
            segment.read(quiet, (number, bytes) -> {
                RecordLayout.RecordType type = layout.types().get(number);
                if (type != null
                        && (type.name().equals("meta") || type.name().equals("config"))
                        && ProbeRecord.isWhole(type, bytes)) {
                    String json = ProbeRecord.of(type, bytes, new Texts(layout)).text();
                    if (!process.describe(type.name(), json)) {
                        context.stats()
                                .count(
                                        "damaged_description",
                                        Severity.DATA_LOSS,
                                        segment.source().name() + ": " + type.name() + " is no JSON object");
                    }
                }
            });
        }
    }

    private void nameEngines() {
        List<ProbedProcess> cores = byId.values().stream()
                .filter(ProbedProcess::isEngineCore)
                .sorted(Comparator.comparingLong(ProbedProcess::startTs).thenComparingLong(ProbedProcess::pid))
                .toList();
        Map<Long, String> names = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (ProbedProcess core : cores) {
            int number = numbers.merge(core.engineName(), 1, Integer::sum) - 1;
            String name = core.engineName() + ":" + number;
            names.put(core.pid(), name);
            core.belongsTo(Optional.of(name));
        }
        Optional<String> only = cores.size() == 1 ? cores.getFirst().engine() : Optional.empty();
        byId.values().stream()
                .filter(process -> !process.isEngineCore())
                .forEach(process -> process.belongsTo(
                        Optional.ofNullable(names.get(process.parent())).or(() -> only)));
    }

    /// Workers first, whose times the steps of engine cores take in; then the cores, then everything else.
    List<ProbedProcess> inReadingOrder() {
        List<ProbedProcess> ordered = new ArrayList<>(byId.values());
        ordered.sort(Comparator.comparingInt(Processes::turn)
                .thenComparingLong(process -> process.rank("rank").orElse(Long.MAX_VALUE))
                .thenComparingLong(ProbedProcess::startTs)
                .thenComparingLong(ProbedProcess::pid));
        return ordered;
    }

    private static int turn(ProbedProcess process) {
        return process.isEngineCore() ? 1 : process.isWorker() ? 0 : 2;
    }
}
