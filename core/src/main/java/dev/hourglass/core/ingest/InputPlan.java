package dev.hourglass.core.ingest;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.ForeignFormat;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which files of the inputs are read, by which reader, and which are not, and why.
final class InputPlan {
    /// An input with the reader for it.
    ///
    /// @param named whether the user named it, rather than a directory around it
    record Planned(Source source, TraceReader reader, boolean named) {}

    /// How much larger the content of an archive is, roughly.
    private static final int PACKED = 12;

    private static final String DATABASE = "session.duckdb";

    private final List<TraceImport.Loss> skipped = new ArrayList<>();
    private final Set<Path> met = new HashSet<>();
    /// Files that a reader reads as parts of a directory.
    private final Set<Path> claimed = new HashSet<>();
    /// Why files are not what their names say.
    private final Map<Path, String> suspicious = new HashMap<>();

    /// What is not read, as far as it is known by now.
    List<TraceImport.Loss> skipped() {
        return skipped;
    }

    /// What the inputs come to: every file that was named, and of directories the files of a known format.
    ///
    /// @throws TraceFormatException if an input that was named is of no known format, or none is readable
    List<Planned> of(List<Path> inputs) throws IOException {
        List<Planned> planned = new ArrayList<>();
        for (Path input : inputs) {
            if (!Files.exists(input)) {
                throw new NoSuchFileException(input.toString());
            }
            int before = planned.size();
            plan(input, true, planned);
            if (planned.size() == before) {
                skip(input, "nothing_known", Severity.NOTICE, "no file in this directory is of a known format");
            }
        }
        if (planned.isEmpty()) {
            throw nothing(inputs);
        }
        return withoutPackedTwins(planned);
    }

    /// A recording that lies there plain and packed would count twice.
    private List<Planned> withoutPackedTwins(List<Planned> planned) throws IOException {
        List<Path> plain = planned.stream()
                .flatMap(input -> input.source().plainFile().stream())
                .toList();
        Twins twins = new Twins(plain);
        List<Planned> once = new ArrayList<>();
        for (Planned input : planned) {
            Optional<Path> twin = twins.of(input.source());
            if (twin.isPresent()) {
                skip(input.source().path(), "met_twice", Severity.INFO, "holds the same as " + twin.get());
            } else {
                once.add(input);
            }
        }
        return once;
    }

    /// Bytes of content, roughly: what archives hold is not known before they are read.
    static long content(List<Planned> planned) {
        return planned.stream()
                .map(Planned::source)
                .mapToLong(source -> source.plainFile().isPresent() ? source.size() : source.size() * PACKED)
                .sum();
    }

    private TraceFormatException nothing(List<Path> inputs) {
        String named = inputs.stream().map(Path::toString).collect(Collectors.joining(", "));
        List<TraceImport.Loss> files = skipped.stream()
                .filter(loss -> !loss.what().kind().equals("nothing_known"))
                .toList();
        if (files.isEmpty()) {
            return TraceFormatException.ofWhole(named, "holds no file; name traces, logs or directories of them");
        }
        TraceImport.Loss first = files.getFirst();
        return TraceFormatException.ofWhole(
                named,
                "none of its " + files.size() + (files.size() == 1 ? " file is" : " files is")
                        + " readable as a trace; the first is " + first.source() + ": "
                        + first.what().place() + ". Known are " + formats());
    }

    private static String formats() {
        return Readers.all().stream().map(TraceReader::format).sorted().collect(Collectors.joining(", "));
    }

    private void plan(Path path, boolean named, List<Planned> planned) throws IOException {
        if (!isReadable(path, named)) {
            return;
        }
        Source source;
        Optional<TraceReader> reader;
        Optional<String> advice;
        try {
            source = FileSource.of(path);
            if (Files.isDirectory(path)) {
                directory(source, named, planned);
                return;
            }
            reader = Readers.find(source.head());
            advice = Readers.isKnown(source.head()) ? Optional.empty() : ForeignFormat.advice(source);
        } catch (TraceFormatException e) {
            unreadable(path.toString(), named, e);
            return;
        }
        if (reader.isPresent() && advice.isEmpty()) {
            planned.add(new Planned(source, reader.get(), named));
        } else if (named && advice.isPresent()) {
            throw TraceFormatException.ofWhole(path.toString(), advice.get());
        } else if (named) {
            throw new TraceFormatException(
                    path.toString(),
                    0,
                    "a trace of a known format (" + formats() + ")"
                            + (Files.size(path) == 0 ? ", but the file is empty" : ""));
        } else {
            unknown(path, advice);
        }
    }

    /// What several readers may share: each takes what is its own, and the rest is looked at file by file.
    private void directory(Source source, boolean named, List<Planned> planned) throws IOException {
        Path path = source.path();
        boolean session = false;
        for (TraceReader reader : Readers.all()) {
            TraceReader.Claim claim = reader.claim(source);
            claim.others().forEach((entry, why) -> suspicious.put(path.resolve(entry), why));
            List<Path> fresh = claim.entries().stream()
                    .map(path::resolve)
                    .filter(claimed::add)
                    .toList();
            if (!fresh.isEmpty()) {
                planned.add(new Planned(source, reader, named));
                session |= claim.entries().contains(DATABASE);
            }
        }
        SessionLayout layout = new SessionLayout(path);
        for (String entry : source.head().entries()) {
            boolean own = claimed.contains(path.resolve(entry)) || (session && layout.names(entry));
            if (!own && !entry.startsWith(".")) {
                plan(path.resolve(entry), false, planned);
            }
        }
    }

    /// A file of a directory that no reader reads. It is lost where its name is that of a recording.
    private void unknown(Path path, Optional<String> advice) {
        String why = suspicious.get(path);
        if (why == null) {
            skip(
                    path,
                    "unknown_format",
                    Severity.NOTICE,
                    advice.orElse("no reader knows the format of this file of a directory"));
        } else {
            skip(path, "unknown_format", Severity.DATA_LOSS, why);
        }
    }

    /// Whether a path is a file or directory that can be read and was not met before. What the user named
    /// must be; of a directory, the rest is read.
    private boolean isReadable(Path path, boolean named) throws IOException {
        String why = !Files.exists(path)
                ? "a link to nothing"
                : !Files.isRegularFile(path) && !Files.isDirectory(path)
                        ? "neither a file nor a directory; write what it yields into a file and name that"
                        : !Files.isReadable(path)
                                ? "not readable: permission denied"
                                : !met.add(path.toRealPath()) ? "given twice; name it once" : "";
        if (!why.isEmpty() && named) {
            throw TraceFormatException.ofWhole(path.toString(), why);
        }
        if (!why.isEmpty()) {
            boolean twice = why.startsWith("given twice");
            skip(path, twice ? "met_twice" : "unreadable", twice ? Severity.INFO : Severity.ERROR, why);
        }
        return why.isEmpty();
    }

    private void skip(Path path, String kind, Severity severity, String why) {
        skipped.add(new TraceImport.Loss(path.toString(), new ImportStats.Loss(kind, severity, 1, why)));
    }

    /// Files of directories, of which some may be left out.
    static Set<Path> free(List<Planned> planned) {
        return planned.stream()
                .filter(input ->
                        !input.named() && Files.isRegularFile(input.source().path()))
                .map(input -> input.source().path().toAbsolutePath().normalize())
                .collect(Collectors.toSet());
    }

    /// The inputs without some, which are counted.
    ///
    /// @param apart absolute paths with the reason
    List<Planned> without(Map<Path, String> apart, List<Planned> planned) {
        List<Planned> kept = new ArrayList<>();
        for (Planned input : planned) {
            String why = apart.get(input.source().path().toAbsolutePath().normalize());
            if (why == null) {
                kept.add(input);
            } else {
                skip(input.source().path(), "other_run", Severity.NOTICE, why);
            }
        }
        return kept;
    }

    /// What of the inputs is not in the session yet. A file that the user named must not be.
    List<Planned> onlyNew(List<Planned> planned, TraceStore store) throws IOException {
        Map<String, String> there = new HashMap<>();
        Set<Long> sizes = new HashSet<>();
        store.each("SELECT id, name, hash, size_bytes FROM source WHERE hash IS NOT NULL ORDER BY id DESC", row -> {
            there.put(row.text(2), "source " + row.number(0) + ", " + row.text(1));
            sizes.add(row.number(3));
        });
        List<Planned> fresh = new ArrayList<>();
        for (Planned input : planned) {
            Path path = input.source().path();
            boolean sized = sizes.contains(input.source().size());
            String known = sized ? there.get(Digest.of(path)) : null;
            String alike = sized && known == null ? there.get(Digest.sampled(path)) : null;
            if (alike != null) {
                alike(path, input.named(), alike);
            } else if (known == null) {
                fresh.add(input);
            } else if (input.named()) {
                throw TraceFormatException.ofWhole(
                        path.toString(),
                        "is in the session already (" + known + "); --append adds what is not there yet");
            } else {
                skip(path, "already_imported", Severity.INFO, "in the session already (" + known + ")");
            }
        }
        if (fresh.isEmpty()) {
            throw TraceFormatException.ofWhole(
                    planned.getFirst().source().path().toString(),
                    "this and all the others are in the session already; --append adds what is not there yet");
        }
        return fresh;
    }

    /// Of a file of more than 64 MiB, sessions of older versions know one block in sixteen.
    private void alike(Path path, boolean named, String known) {
        String why = "is as large as what is in the session already (" + known
                + "), and the same as far as that session knows; make a session of its own of it";
        if (named) {
            throw TraceFormatException.ofWhole(path.toString(), why);
        }
        skip(path, "perhaps_imported", Severity.DATA_LOSS, why);
    }

    /// A file that the user named must be readable; one of many in a directory is left out and counted.
    void unreadable(String path, boolean named, TraceFormatException e) {
        if (named) {
            throw e;
        }
        String why = e.getMessage() == null ? "whole file" : e.getMessage();
        skipped.add(new TraceImport.Loss(path, new ImportStats.Loss("unreadable", Severity.ERROR, 1, why)));
    }
}
