package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.family.Families;
import dev.hourglass.core.model.family.Family;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Draft models, which predict for another: EAGLE, Medusa and heads for several tokens.
final class Drafts {
    private static final List<String> NAMES = List.of("eagle", "medusa", "mtpmodel", "nextn", "hydra", "mlpspeculator");

    private static final List<String> EAGLE3 = List.of("LlamaForCausalLMEagle3", "Eagle3LlamaForCausalLM");

    private Drafts() {}

    /// The family of a draft that is known.
    static Optional<Family> family(List<String> architectures) {
        return architectures.stream().anyMatch(EAGLE3::contains)
                ? Families.ofArchitecture(EAGLE3.getFirst())
                : Optional.empty();
    }

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
