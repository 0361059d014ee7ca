package dev.hourglass.core.report;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.model.Crossovers;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What is said around a model's numbers: before them what may change them, behind them the rest.
final class ModelNotes {
    private ModelNotes() {}

    /// What a reader must know before the numbers.
    ///
    /// @param prefix put before each sentence, where several models are shown
    static Optional<Block> doubts(Model model, String prefix) {
        List<Doubt> doubts = model.reading().doubts();
        if (doubts.isEmpty()) {
            return Optional.empty();
        }
        String text = doubts.stream()
                .map(doubt -> prefix + doubt.effect().label() + ": " + doubt.text())
                .collect(Collectors.joining(" "));
        boolean severe = doubts.getFirst().effect() == Doubt.Effect.CONTRADICTION;
        return Optional.of(new Block.Note(severe ? Block.Note.Tone.SEVERE : Block.Note.Tone.CAUTION, "First", text));
    }

    /// What else there is to know, the defaults that were taken, and last the keys that nobody read.
    static Optional<Block> behind(Model model, long context) {
        List<String> notes = new ArrayList<>(model.reading().notes());
        if (model.positions().isPresent() && context > model.positions().getAsLong()) {
            notes.add("The context is longer than the " + model.positions().getAsLong()
                    + " tokens that the model was made for.");
        }
        if (!model.reading().defaulted().isEmpty()) {
            notes.add("Defaults taken for keys that are not given: "
                    + model.reading().defaulted().entrySet().stream()
                            .map(e -> e.getKey() + " = " + e.getValue())
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        if (!model.reading().notUnderstood().isEmpty()) {
            notes.add("Keys that nobody reads: "
                    + String.join(", ", model.reading().notUnderstood()) + ".");
        }
        return notes.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Note(Block.Note.Tone.PLAIN, "Notes", String.join(" ", notes)));
    }

    /// At which contexts attention that is not full stops growing.
    static Optional<Block> contexts(Model model) {
        List<String> crossovers = Crossovers.of(model);
        return crossovers.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Note(Block.Note.Tone.PLAIN, "Contexts", String.join(" ", crossovers)));
    }
}
