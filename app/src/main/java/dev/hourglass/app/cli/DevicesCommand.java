package dev.hourglass.app.cli;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.CsvTable;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `hourglass devices`.
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = {
            "Devices whose data sheets Hourglass knows, and which of them are in this machine.",
            "Dense figures only, with accumulation in 32 bits. A measured ceiling is better evidence than any of them."
        },
        footer = {
            "",
            "Examples:",
            "  hourglass devices                      the table",
            "  hourglass devices --sources            where each figure comes from",
            "  hourglass devices --csv > devices.csv  for a spreadsheet"
        })
final class DevicesCommand implements Callable<Integer> {
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;

    @Option(names = "--sources", description = "Show clock and source of each row instead of its figures.")
    private boolean sources;

    @Option(names = "--csv", description = "Comma-separated values: figures, clocks and sources.")
    private boolean csv;

    @Override
    public Integer call() {
        if (csv) {
            Output.data(CsvTable.of(table(true, true), CsvLines.Formulas.KEPT));
            return 0;
        }
        System.out.print(
                TextReport.blocks(List.of(new Block.Prose(here()), table(!sources, sources)), Terminal.width()));
        return 0;
    }

    private static String here() {
        List<String> found = new ArrayList<>();
        String cpu = Devices.cpuName();
        found.add("cpu: " + (cpu.isEmpty() ? "the kernel does not tell which" : known(cpu)));
        List<String> gpus = Devices.gpuNames();
        for (int i = 0; i < gpus.size(); i++) {
            found.add("gpu:" + i + ": " + known(gpus.get(i)));
        }
        return "In this machine: " + String.join("; ", found) + (gpus.isEmpty() ? "; no NVIDIA GPU." : ".");
    }

    private static String known(String reported) {
        return reported
                + DeviceTable.recognise(reported)
                        .map(spec -> " = " + spec.name())
                        .orElse(" (no data sheet in this table)");
    }

    private static Block.Table table(boolean figures, boolean origins) {
        List<String> columns = new ArrayList<>(List.of("name"));
        if (figures) {
            columns.addAll(List.of("GB", "GB/s"));
            columns.addAll(DeviceTable.FORMATS);
        }
        if (origins) {
            columns.addAll(List.of("clock", "source"));
        }
        return new Block.Table(
                figures
                        ? "Memory, its bandwidth, and dense peaks by number format in TFLOP/s (int8: TOP/s)."
                        : "Clock and source of each row's figures.",
                columns,
                DeviceTable.all().stream().map(d -> row(d, figures, origins)).toList());
    }

    private static List<Cell> row(DeviceSpec device, boolean figures, boolean origins) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.text(device.name())));
        if (figures) {
            cells.add(
                    device.memoryBytes().isPresent()
                            ? Cell.number(device.memoryBytes().getAsDouble() / GIGA, Unit.NONE)
                            : Cell.text("-"));
            cells.add(Cell.number(device.bandwidth() / GIGA, Unit.NONE));
            DeviceTable.FORMATS.forEach(format -> cells.add(device.own(format)
                    .map(peak -> Cell.number(peak / TERA, Unit.NONE))
                    .orElse(Cell.text("-"))));
        }
        if (origins) {
            cells.add(Cell.text(device.clock()));
            cells.add(Cell.text(device.source()));
        }
        return cells;
    }
}
