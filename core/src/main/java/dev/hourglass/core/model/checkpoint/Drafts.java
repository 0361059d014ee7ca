package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.ModelException;

import java.util.List;
import java.util.Locale;

/// Draft models, which predict for another: EAGLE, Medusa and heads for several tokens.
final class Drafts {
    private static final List<String> NAMES = List.of("eagle", "medusa", "mtpmodel", "nextn", "hydra", "mlpspeculator");

    private Drafts() {}

    /// A draft shares the class of keys with the model that it serves but not its layers; reading it as
    /// one would be wrong without a word.
    ///
    /// @throws ModelException if the class is one of a draft
    static void refuse(String source, List<String> architectures) {
        architectures.stream().filter(Drafts::isDraft).findFirst().ifPresent(name -> {
            throw new ModelException(source + ": " + name
                    + " is a draft model, which serves another and has layers of its own kind; not known, because no"
                    + " reference describes them. --as FAMILY reads it as a model by itself");
        });
    }

    private static boolean isDraft(String architecture) {
        String name = architecture.toLowerCase(Locale.ROOT);
        return NAMES.stream().anyMatch(name::contains);
    }
}
