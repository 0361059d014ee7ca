package dev.hourglass.core;

import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.StepCosts;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.file.Temporary;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.SessionReport;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// A session, or a temporary one made of raw files, explained.
///
/// @param explanation what was found
/// @param report the same as a document
public record Explained(Explanation explanation, Report report) {

    /// What the user says of a recording that does not tell it.
    ///
    /// @param model the model that ran
    /// @param device the GPU that ran
    /// @param work batch, prompt and context of its steps
    public record Told(Optional<Model> model, Optional<DeviceSpec> device, TimedSteps.Given work) {
        /// Nothing.
        public static final Told NOTHING = new Told(
                Optional.empty(),
                Optional.empty(),
                new TimedSteps.Given(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
    }

    /// Explains a session directory.
    public static Explained of(Path directory) throws IOException {
        return of(directory, Told.NOTHING);
    }

    /// Explains a session directory that will have another name.
    public static Explained of(Path directory, String name) throws IOException {
        return of(directory, name, Told.NOTHING);
    }

    /// Explains a session directory. With a model, what its steps should cost is written into the session.
    ///
    /// @throws IOException if it cannot be written
    public static Explained of(Path directory, Told told) throws IOException {
        return of(
                directory, String.valueOf(directory.toAbsolutePath().normalize().getFileName()), told);
    }

    private static Explained of(Path directory, String name, Told told) throws IOException {
        if (told.model().isPresent()) {
            cost(directory, told.model().get(), told);
        }
        try (Session session = Session.open(directory)) {
            Explanation explanation = Explainer.explain(session, told.device());
            return new Explained(explanation, SessionReport.of(explanation, name));
        }
    }

    private static void cost(Path directory, Model model, Told told) throws IOException {
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, told.work());
            peaks = Peaks.of(session, told.device());
        }
        StepCosts.write(new SessionLayout(directory), model, peaks, steps);
    }

    /// Imports raw files into a session that is gone afterwards, and explains it.
    ///
    /// @param stages names of annotations that are stages; empty for the known forms
    public static Explained ofFiles(List<Path> files, Optional<Pattern> stages, Told told) throws IOException {
        String name = String.valueOf(files.getFirst().getFileName());
        return inTemporary(files, stages, directory -> of(directory, name, told));
    }

    /// What a session that is gone afterwards is made for.
    public interface Use<T> {
        T of(Path directory) throws IOException;
    }

    /// Imports raw files into a session that is gone afterwards.
    ///
    /// @param use is given the session's directory
    public static <T> T inTemporary(List<Path> files, Optional<Pattern> stages, Use<T> use) throws IOException {
        try (Temporary temporary = Temporary.create()) {
            new TraceImport(new TraceImport.Options(stages, Map.of(), false), bytes -> {})
                    .into(files, new SessionLayout(temporary.directory()).database());
            return use.of(temporary.directory());
        }
    }
}
