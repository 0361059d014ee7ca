package dev.hourglass.app.cli;

import dev.hourglass.core.ingest.SessionInputs;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass import FILE_OR_DIR… -o SESSION`.
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Read traces and logs of any known format into one session, on one clock.",
            "The format is recognised by the first bytes; gzip and zstd are unpacked on the way."
        })
final class ImportCommand implements Callable<Integer> {
    /// How the database speaks of a file that is not whole.
    private static final Pattern DAMAGE = Pattern.compile(
            "(?i)corrupt|checksum|not a valid|deserializ|read (enough|all) bytes|internal error|invalidated");

    @Parameters(arity = "1..*", paramLabel = "FILE_OR_DIR", description = "Traces, logs, or directories of them.")
    private List<Path> inputs = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "SESSION",
            description = "Directory of the session.")
    private Path output = Path.of(".");

    @Option(names = "--append", description = "Add to the session that stands there.")
    private boolean append;

    @Option(names = "--force", description = "Replace the session that stands there.")
    private boolean force;

    @Option(
            names = "--stage-from",
            paramLabel = "REGEX",
            description = "Annotations with a matching name are stages (prefill, decode, …).")
    private @Nullable String stageFrom;

    @Option(
            names = "--offset",
            paramLabel = "SOURCE=TIME",
            description = "Add this to the times of a file, named as given or by its last part: nanoseconds, or with a"
                    + " unit (-1.5ms).")
    private Map<String, Moment> offsets = new HashMap<>();

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description = "Zone of logs whose times say none, such as those of nvidia-smi: Europe/Berlin, +02:00."
                    + " Without it they count as UTC.")
    private @Nullable String timeZone;

    @Option(names = "--raw-args", description = "Keep all arguments of events as JSON too.")
    private boolean rawArgs;

    @Option(names = "--keep-raw", description = "Copy the inputs into the session.")
    private boolean keepRaw;

    @Option(names = "--json", description = "Print the summary as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        long began = System.nanoTime();
        TraceImport.Options options = new TraceImport.Options(stagePattern(), offsetsNs(), rawArgs, zone());
        for (Path input : inputs) {
            if (!Files.exists(input)) {
                throw new UserException("no file or directory " + input);
            }
            if (!Files.isReadable(input)) {
                throw new UserException("cannot read " + input + " (permission denied)");
            }
        }
        ImportProgress progress = ImportProgress.start(began);
        TraceImport work = new TraceImport(options, progress::add);
        TraceImport.Summary summary = append ? addTo(work) : create(work);
        progress.stop();
        double seconds = (System.nanoTime() - began) / 1e9;
        print(summary, seconds, progress.bytes());
        return 0;
    }

    private TraceImport.Summary create(TraceImport work) throws IOException {
        if (!force && new SessionLayout(output).isSession()) {
            throw new UserException(output + " holds a session already; --append adds to it, --force replaces it");
        }
        try (SessionDirectory directory = SessionDirectory.claim(output, force)) {
            SessionLayout growing = directory.growing();
            TraceImport.Summary summary = work.into(inputs, growing.database());
            SessionInputs.write(summary, growing.directory(), keepRaw);
            directory.publish();
            return summary;
        }
    }

    private Map<String, Long> offsetsNs() {
        Map<String, Long> ns = new HashMap<>();
        offsets.forEach((source, offset) -> ns.put(source, offset.ns()));
        return ns;
    }

    private TraceImport.Summary addTo(TraceImport work) throws IOException {
        SessionLayout layout = new SessionLayout(output);
        if (!layout.isSession()) {
            throw new UserException(output + " holds no session to add to; leave --append away to create one");
        }
        try {
            return work.addTo(
                    inputs,
                    layout,
                    () -> awaited(output),
                    summary -> SessionInputs.write(summary, layout.directory(), keepRaw));
        } catch (StoreException | QueryException e) {
            String said = String.valueOf(e.getMessage());
            if (DAMAGE.matcher(said).find()) {
                throw new UserException(Terminal.plain(layout.database() + " is damaged, nothing was added (" + said
                        + "); import its files again, which raw/inputs.json beside it lists: hourglass import FILE… -o "
                        + output + " --force"));
            }
            throw e;
        }
    }

    private static void awaited(Path session) {
        System.err.println(
                "hourglass: another process changes " + Terminal.plain(session.toString()) + "; waiting for it");
    }

    private Optional<Pattern> stagePattern() {
        if (stageFrom == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Pattern.compile(stageFrom));
        } catch (PatternSyntaxException e) {
            throw new UserException("--stage-from: " + e.getDescription() + " near index " + e.getIndex());
        }
    }

    private Optional<ZoneId> zone() {
        try {
            return Optional.ofNullable(timeZone).map(ZoneId::of);
        } catch (DateTimeException e) {
            throw new UserException("--time-zone: no zone is called " + Terminal.plain(String.valueOf(timeZone))
                    + "; write it as Europe/Berlin or +02:00");
        }
    }

    private void print(TraceImport.Summary summary, double seconds, long bytes) throws IOException {
        if (json) {
            Output.data(ImportJson.of(summary, seconds));
            return;
        }
        long size = Files.size(new SessionLayout(output).database());
        System.out.printf(
                Locale.ROOT,
                "%s: %s of content in %.2f s (%s), database %s%n",
                output,
                Format.value((double) bytes, Unit.BYTES),
                seconds,
                Format.value(bytes / seconds, Unit.BYTES_PER_SECOND),
                Format.value((double) size, Unit.BYTES));
        System.out.println();
        System.out.println("events:");
        summary.events()
                .forEach((kind, count) ->
                        System.out.printf(Locale.ROOT, "  %-24s %,14d%n", Terminal.plain(kind), count));
        System.out.println("time span: " + time(summary.spanNs()).orElse("none, nothing in it has a time"));
        System.out.println("sources:");
        for (TraceImport.ReadSource source : summary.sources()) {
            System.out.println("  " + Terminal.plain(source.name()) + ": " + source.format() + ", clock "
                    + source.clock().method().word()
                    + time(source.clock().residualNs()).map(ns -> " ± " + ns).orElse("")
                    + (source.alignment().isEmpty() ? "" : " (" + Terminal.plain(source.alignment()) + ")"));
        }
        losses(summary);
    }

    private static Optional<String> time(OptionalLong ns) {
        return ns.isPresent() ? Optional.of(Format.value((double) ns.getAsLong(), Unit.NANOSECONDS)) : Optional.empty();
    }

    private static void losses(TraceImport.Summary summary) {
        boolean any = false;
        for (TraceImport.Loss loss : summary.losses()) {
            ImportStats.Loss what = loss.what();
            System.out.println((any ? "" : "not read as it stands:\n") + "  "
                    + what.severity().word() + ": "
                    + Terminal.plain(loss.source()) + ": " + what.kind() + " × " + what.count() + " ("
                    + Terminal.plain(what.place())
                    + ")");
            any = true;
            if (what.severity() == Severity.DATA_LOSS || what.severity() == Severity.ERROR) {
                System.err.println("hourglass: warning: " + Terminal.plain(loss.source()) + ": " + what.kind() + " × "
                        + what.count() + ", " + Terminal.plain(what.place()));
            }
        }
        if (!any) {
            System.out.println("nothing was lost");
        }
    }
}
