package dev.hourglass.core.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a model's description from its files: `config.json`, with the headers of the weight files
/// beside it where there are any.
public final class ModelReader {
    private static final String CONFIG = "config.json";

    private ModelReader() {}

    /// @param given a configuration, a weight file, or a directory that holds them
    /// @throws ModelException if the description cannot be used
    public static Model read(Path given) {
        return read(given, Optional.empty());
    }

    /// @param as the family to read it as, whatever it says of itself
    public static Model read(Path given, Optional<String> as) {
        Path config = config(given);
        Keys keys = Keys.of(config.toString(), Json.read(config));
        Family family = as.map(ModelReader::named).orElseGet(() -> family(config, keys));
        return build(config, keys, family);
    }

    /// Names of all families.
    public static List<String> families() {
        return Families.all().stream().map(Family::name).toList();
    }

    private static Family named(String name) {
        return Families.all().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new ModelException("no family " + name + "; known: " + String.join(", ", families())));
    }

    private static Path config(Path given) {
        Path config = Files.isDirectory(given) ? given.resolve(CONFIG) : given;
        if (!Files.exists(config)) {
            throw new ModelException(given + (given.equals(config) ? ": no such file" : ": no " + CONFIG + " in it"));
        }
        return config;
    }

    private static Family family(Path config, Keys keys) {
        Optional<String> type = keys.text("model_type");
        List<String> architectures = keys.texts("architectures");
        Optional<Family> found = type.flatMap(Families::ofType)
                .or(() -> architectures.stream().findFirst().flatMap(Families::ofArchitecture));
        return found.orElseThrow(() -> unknown(config, keys, type, architectures));
    }

    /// An architecture that is not known is never guessed: the message says what its keys tell.
    private static ModelException unknown(Path config, Keys keys, Optional<String> type, List<String> architectures) {
        String name = type.or(() -> architectures.stream().findFirst()).orElse("");
        if (name.isEmpty()) {
            return new ModelException(config + ": expected the key model_type or architectures");
        }
        return new ModelException(config + ": unknown architecture " + name + "; known families: "
                + String.join(", ", families()) + "; keys that no family reads: "
                + String.join(", ", keys.notUnderstood()));
    }

    private static Model build(Path config, Keys given, Family family) {
        Keys keys = given.with(Defaults.of(family.name()), family.aliases());
        try {
            DType plain = plainType(keys);
            Optional<Quantization> quantization = Quantization.of(keys);
            Decoder.Built built = family.build(keys).build();
            List<String> notes = new ArrayList<>(built.notes());
            return new Model(
                    config.toString(),
                    architecture(keys, family, notes),
                    family.name(),
                    built.sections(),
                    built.tower(),
                    built.positions(),
                    new Storage.Declared(plain, quantization),
                    new Model.Reading(keys.understood(), keys.notUnderstood(), keys.defaulted(), notes));
        } catch (ArithmeticException e) {
            throw new ModelException(config + ": its numbers multiply to more than 9.2e18");
        }
    }

    private static DType plainType(Keys keys) {
        String name = keys.text("torch_dtype").or(() -> keys.text("dtype")).orElse("bf16");
        return DType.find(name)
                .orElseThrow(() -> keys.wrong(keys.has("torch_dtype") ? "torch_dtype" : "dtype", "a number format"));
    }

    private static String architecture(Keys keys, Family family, List<String> notes) {
        List<String> architectures = keys.texts("architectures");
        if (architectures.isEmpty()) {
            return family.architecture();
        }
        String declared = architectures.getFirst();
        if (!declared.equals(family.architecture())) {
            notes.add(declared + " is counted as " + family.architecture());
        }
        return declared;
    }
}
