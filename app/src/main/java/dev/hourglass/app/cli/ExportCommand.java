package dev.hourglass.app.cli;

import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass export SESSION --format FORMAT -o PATH`.
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {"Write a session in a format of other tools."},
        footer = {
            "",
            "Formats:",
            "  perfetto       Perfetto's own trace format (.pftrace), opened by ui.perfetto.dev: slices, links,",
            "                 counters, samples of the machine, arguments, exact nanoseconds. Overlapping slices get",
            "                 tracks of their own.",
            "  perfetto-json  Chrome's JSON trace format (.json). `hourglass import` reads it back, several sources as one.",
            "  parquet, csv   A directory with one file per table. `hourglass import` reads it back losslessly.",
            "  csv-safe       The same as csv for a spreadsheet: a text that it would take for a formula gets an apostrophe",
            "                 in front.",
            "  profilemate    What was recorded of an engine, as the CSV files that ProfileMate documents, for its readers.",
            "  speedscope     Flame charts and CPU samples (.speedscope.json) for speedscope.app.",
            "  prometheus     Engine metrics, last hardware samples, totals of steps, kernels and pieces as Prometheus text",
            "                 (.prom).",
            "",
            "Examples:",
            "  hourglass export run --format perfetto -o run.pftrace",
            "  hourglass export run --format parquet -o run-tables",
            "  python3 -c \"import duckdb; print(duckdb.sql(\\\"FROM 'run-tables/kernel.parquet'\\\"))\""
        })
final class ExportCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SESSION", description = "Session directory.")
    private Path session = Path.of(".");

    @Option(names = "--format", required = true, paramLabel = "FORMAT", description = "One of the formats below.")
    private String format = "";

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "PATH",
            description = "File or directory to write; nothing may stand there.")
    private Path output = Path.of(".");

    @Override
    public Integer call() throws IOException {
        ExportFormat wanted = ExportFormat.find(format).orElseThrow(ExportCommand.this::unknownFormat);
        long began = System.nanoTime();
        Exporter.Summary summary = export(wanted);
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT, "%s: %s in %.2f s%n", output, Format.value((double) size(output), Unit.BYTES), seconds);
        new TreeMap<>(summary.written())
                .forEach((kind, count) -> System.out.printf(Locale.ROOT, "  %-30s %,14d%n", kind, count));
        summary.notes().forEach(note -> System.out.println("note: " + note));
        return 0;
    }

    private UserException unknownFormat() {
        List<String> words =
                Arrays.stream(ExportFormat.values()).map(ExportFormat::word).toList();
        return new UserException("unknown format " + Terminal.plain(format) + Nearest.hint(format, words)
                + " There are " + String.join(", ", words) + ".");
    }

    private Exporter.Summary export(ExportFormat wanted) throws IOException {
        try {
            return Exporter.export(session, wanted, output);
        } catch (FileAlreadyExistsException e) {
            throw new UserException(output + " exists already; name another place with -o");
        } catch (Exporter.NothingToExport e) {
            throw new UserException(Terminal.plain(e.getMessage() + "; `hourglass info " + session
                    + "` says what it holds, and csv and parquet carry every table"));
        } catch (AccessDeniedException | NoSuchFileException | NotDirectoryException e) {
            throw new UserException("cannot write " + output + " ("
                    + (e.getReason() == null ? "permission denied or no such directory" : e.getReason()) + ")");
        }
    }

    private static long size(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            long size = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                size += Files.size(file);
            }
            return size;
        }
    }
}
