package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;
import java.util.Optional;

/// A text model inside the configuration of a larger one: vision, audio, speech.
public final class Wrapped {
    /// Where configurations keep the text model.
    private static final List<String> NESTS = List.of("text_config", "language_config", "llm_config", "thinker_config");

    private static final List<String> TOWERS = List.of(
            "vision_config",
            "vision_tower_config",
            "audio_config",
            "speech_config",
            "vit_config",
            "encoder_config",
            "audio_encoder_config",
            "talker_config",
            "code2wav_config",
            "token2wav_config");

    private Wrapped() {}

    /// The key under which a text model stands, if one does.
    public static Optional<String> nest(Keys k) {
        return NESTS.stream().filter(k::isObject).findFirst();
    }

    /// The family of the nested text model.
    public static Optional<Family> family(Keys k) {
        return nest(k).flatMap(key -> {
            Keys text = k.peek(key);
            return nest(text).isPresent()
                    ? family(text)
                    : text.text("model_type")
                            .flatMap(Families::ofType)
                            .or(() -> text.texts("architectures").stream()
                                    .findFirst()
                                    .flatMap(Families::ofArchitecture));
        });
    }

    /// Whether a family reads a text model inside by itself.
    public static boolean isWrapper(Family family) {
        return PictureFamilies.ALL.contains(family) && !family.name().endsWith("_text");
    }

    /// The nested text model; where none is nested, the keys beside those of the tower.
    ///
    /// @param usual family of a text model that does not name its own
    public static Decoder text(Keys k, String usual) {
        Family family = family(k).orElseGet(() -> named(usual));
        return text(k, family);
    }

    public static Decoder text(Keys k, Family family) {
        Keys own = keys(k, family);
        Decoder decoder = family.build(own);
        boolean tied = k.flag("tie_word_embeddings", own.flag("tie_word_embeddings"));
        decoder.tied(tied);
        return decoder;
    }

    private static Keys keys(Keys k, Family family) {
        return nest(k).map(key -> {
                    Keys child = k.child(key, Defaults.of(family.name()));
                    return nest(child).isPresent() ? keys(child, family) : child;
                })
                .orElseGet(() -> k.isGivenAndNotNull(NESTS.getFirst())
                        ? k.child(NESTS.getFirst(), Defaults.of(family.name()))
                        : k.beside(Defaults.of(family.name())));
    }

    /// The text model of a wrapper whose tower is not known: counted by itself, and said so.
    public static Decoder alone(Keys k, Family family) {
        Decoder decoder = text(k, family);
        List<String> towers = TOWERS.stream().filter(k::isObject).toList();
        towers.forEach(tower -> k.opened(tower).settle());
        String described = String.join(" and ", towers) + (towers.size() > 1 ? " describe" : " describes");
        return decoder.doubt(
                Doubt.mayChange((towers.isEmpty() ? "What stands around the text model" : "What " + described)
                        + " is not counted: its architecture is not known. The numbers are those of the text model."));
    }

    private static Family named(String name) {
        return Families.all().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
