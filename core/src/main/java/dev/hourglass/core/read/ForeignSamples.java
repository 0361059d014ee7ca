package dev.hourglass.core.read;

import dev.hourglass.core.trace.Head;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Samples of GPUs and engines in forms that no reader reads, and what to record in their place.
final class ForeignSamples {
    private static final int LINES_LOOKED_AT = 50;
    private static final Set<String> OF_PROCESSES = Set.of("pid", "process_name", "used_gpu_memory", "used_memory");
    private static final List<String> UNITS = List.of(" W", " MiB", " %", " MHz");
    private static final String QUERY =
            "`nvidia-smi --query-gpu=timestamp,index,power.draw,clocks.sm,utilization.gpu" + " --format=csv -lms 100`";

    private ForeignSamples() {}

    /// What an input is and what to do with it; empty where it is none of these.
    static Optional<String> advice(Head head) {
        List<String> lines = head.stripped().lines().limit(LINES_LOOKED_AT).toList();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        if (isOfProcesses(lines.getFirst())) {
            return Optional.of(
                    "samples of processes (nvidia-smi pmon or --query-compute-apps), which say nothing of the"
                            + " GPU as a whole: record that with `nvidia-smi dmon -o DT` or " + QUERY);
        }
        if (lines.stream().anyMatch(line -> line.contains("| NVIDIA-SMI ") || line.contains("==NVSMI LOG=="))) {
            return Optional.of("what nvidia-smi prints for people: record samples with " + QUERY);
        }
        if (hasNoHeader(lines.getFirst())) {
            return Optional.of(
                    "samples of nvidia-smi without a header, so that nobody knows what each column is: record"
                            + " without `noheader`, or add the line that names the fields, such as `timestamp, index, power.draw"
                            + " [W]`");
        }
        return isWrapped(head.stripped())
                ? Optional.of("metrics of an engine wrapped in JSON: save what its /metrics answers itself, for example"
                        + " `curl -s http://HOST:PORT/metrics > metrics.prom`, and import that")
                : Optional.empty();
    }

    private static boolean isOfProcesses(String header) {
        boolean comment = header.startsWith("#");
        String plain = comment ? header.substring(1) : header;
        if (plain.indexOf(',') < 0) {
            List<String> names = Fields.words(plain);
            return comment && names.contains("gpu") && names.contains("pid");
        }
        List<String> names = Fields.strippedBetween(plain, ',').stream()
                .map(cell -> cell.substring(0, Fields.end(cell, 0, c -> Fields.isWordPart(c) || c == '.')))
                .toList();
        return names.contains("pid") && (names.contains("gpu") || names.stream().anyMatch(ForeignSamples::isOfProcess));
    }

    private static boolean isOfProcess(String name) {
        return !name.equals("pid") && OF_PROCESSES.contains(name);
    }

    /// Whether a line holds values of a GPU where their names should be: a time and numbers, or numbers with units.
    private static boolean hasNoHeader(String line) {
        List<String> cells = Fields.strippedBetween(line, ',');
        boolean values = cells.size() > 1 && cells.stream().allMatch(ForeignSamples::isValue);
        boolean timed = cells.stream().anyMatch(cell -> LogTime.parse(cell).isPresent());
        return values && (timed || cells.stream().anyMatch(ForeignSamples::hasUnit));
    }

    private static boolean hasUnit(String cell) {
        return UNITS.stream().anyMatch(cell::endsWith);
    }

    private static boolean isValue(String cell) {
        boolean named = cell.startsWith("GPU-") || cell.startsWith("NVIDIA ") || cell.startsWith("0000");
        boolean state = cell.startsWith("[") || cell.equals("N/A") || cell.startsWith("P") || cell.endsWith("Active");
        String number = hasUnit(cell) ? cell.substring(0, cell.lastIndexOf(' ')) : cell;
        return named
                || state
                || Decimals.real(number).isPresent()
                || LogTime.parse(cell).isPresent();
    }

    /// Whether it is an answer of Prometheus itself, or holds an engine's text in a member.
    private static boolean isWrapped(String text) {
        boolean json = text.startsWith("{") || text.startsWith("[");
        boolean answer =
                text.contains("\"__name__\"") || (text.contains("\"resultType\"") && text.contains("\"metric\""));
        boolean inside = text.contains("# TYPE ") || text.contains("# HELP ");
        boolean engine = text.contains("\"vllm:") || text.contains("\"sglang:") || text.contains("\"llamacpp:");
        return json && (answer || inside || engine) && !text.contains("\"traceEvents\"");
    }
}
