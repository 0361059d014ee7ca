package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Recordings drawn from seeds, each with one planted neck: the first finding names it, with its size.
///
/// `-Dvariants.from=N -Dvariants.to=M` draws other seeds, `-Dvariants.neck=REGEX` only some necks.
final class NeckVariantsTest {
    @TempDir
    private Path folder;

    @Test
    void theFirstFindingNamesThePlantedNeck() throws IOException {
        List<String> wrong = new ArrayList<>();
        String only = System.getProperty("variants.neck", "");
        for (long seed = Long.getLong("variants.from", 1); seed <= Long.getLong("variants.to", 1); seed++) {
            for (NeckVariant.Neck neck : NeckVariant.Neck.values()) {
                if (only.isEmpty() || neck.name().matches(only)) {
                    NeckVariant variant = new NeckVariant(seed, neck);
                    judge(variant, folder).ifPresent(fault -> wrong.add(variant + "\n    " + fault));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    static Optional<String> judge(NeckVariant variant, Path folder) throws IOException {
        Path session = Files.createDirectories(folder.resolve(variant.neck + "-" + variant.seed));
        List<Path> files = variant.write(session);
        Optional<Pattern> stages =
                Optional.of(variant.stages()).filter(s -> !s.isEmpty()).map(Pattern::compile);
        new TraceImport(new TraceImport.Options(stages, Map.of(), false), bytes -> {})
                .into(files, session.resolve("session.duckdb"));
        Explanation e;
        try (Session opened = Session.open(session)) {
            e = Explainer.explain(opened);
        }
        Optional<String> fault = fault(variant, e);
        if (fault.isEmpty() && System.getProperty("variants.keep") == null) {
            try (var all = Files.walk(session)) {
                all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
            }
        }
        return fault.map(f -> f + " " + story(e));
    }

    private static Optional<String> fault(NeckVariant variant, Explanation e) {
        if (e.findings().isEmpty()) {
            return Optional.of("no finding");
        }
        Finding first = e.findings().getFirst();
        if (!variant.expected().contains(first.bound()) || first.bound() != e.overall()) {
            return Optional.of("first " + first.bound() + ", overall " + e.overall());
        }
        StageTime stage = e.tokenStage().orElseThrow();
        if (!variant.expected().contains(stage.bound())) {
            return Optional.of("stage " + stage.name() + " " + stage.bound());
        }
        if (variant.healthy()) {
            return e.findings().stream().anyMatch(f -> f.severity() != Finding.Severity.INFO)
                    ? Optional.of("accused")
                    : Optional.empty();
        }
        if (first.gain().orElse(0) < 0 || first.gain().orElse(0) > 1 || first.share() < 0 || first.share() > 1) {
            return Optional.of("share or gain out of range");
        }
        if (!Double.isNaN(variant.planted()) && Math.abs(first.share() - variant.planted()) > 0.08) {
            return Optional.of(
                    String.format(Locale.ROOT, "share %.3f, planted %.3f", first.share(), variant.planted()));
        }
        return Optional.empty();
    }

    private static String story(Explanation e) {
        StringBuilder text = new StringBuilder();
        for (StageTime s : e.stages()) {
            text.append("\n    stage ")
                    .append(s.name())
                    .append(' ')
                    .append(s.bound())
                    .append(" steps ")
                    .append(s.steps())
                    .append(" wall ")
                    .append(Math.round(s.wall().mean()))
                    .append(" between ")
                    .append(Math.round(s.betweenUs()))
                    .append(" µs ")
                    .append(s.componentsUs());
        }
        e.findings().stream()
                .limit(5)
                .forEach(f -> text.append("\n    ")
                        .append(String.format(
                                Locale.ROOT,
                                "%s %s %s share %.3f stake %.0f gain %s: %s",
                                f.id(),
                                f.bound(),
                                f.severity(),
                                f.share(),
                                f.stakeNs() / 1e3,
                                f.gain(),
                                f.title())));
        return text.toString();
    }
}
