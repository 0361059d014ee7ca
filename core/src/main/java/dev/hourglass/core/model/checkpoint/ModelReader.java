package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.Quantization;
import dev.hourglass.core.model.Storage;
import dev.hourglass.core.model.family.Decoder;
import dev.hourglass.core.model.family.Embedding;
import dev.hourglass.core.model.family.Families;
import dev.hourglass.core.model.family.Family;
import dev.hourglass.core.model.family.Wrapped;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Json;
import dev.hourglass.core.model.keys.Keys;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads a model's description from its files: `config.json` with the headers of the weight files
/// beside it where there are any, or the header of a GGUF file.
public final class ModelReader {
    private static final String CONFIG = "config.json";
    private static final String QUANTISED = "hf_quant_config.json";
    private static final String GGUF = ".gguf";
    private static final String SAFETENSORS = ".safetensors";

    /// Keys of which a configuration names at least one; without any, it describes no model.
    private static final Set<String> SIZES = Set.of(
            "hidden_size",
            "d_model",
            "dim",
            "n_embd",
            "num_hidden_layers",
            "num_layers",
            "n_layers",
            "encoder_layers",
            "decoder_layers",
            "vocab_size",
            "intermediate_size",
            "num_attention_heads");

    private ModelReader() {}

    /// @param given a configuration, a weight file or its index, or a directory that holds one
    /// @throws ModelException if the description cannot be used
    public static Model read(Path given) {
        return read(given, Optional.empty());
    }

    /// @param as the family to read it as, whatever it says of itself
    public static Model read(Path given, Optional<String> as) {
        Path file = file(given);
        try {
            return file.toString().toLowerCase(Locale.ROOT).endsWith(GGUF)
                    ? GgufModels.read(file, as)
                    : config(file, as);
        } catch (ArithmeticException e) {
            throw new ModelException(file + ": its numbers multiply to more than 9.2e18");
        }
    }

    /// Names of all families.
    public static List<String> families() {
        return Families.all().stream().map(Family::name).toList();
    }

    private static Path file(Path given) {
        if (!Files.exists(given)) {
            throw new ModelException(given + ": no such file");
        }
        if (Files.isDirectory(given)) {
            return inside(given);
        }
        String name = String.valueOf(given.getFileName());
        Adapters.refuse(given, name);
        return name.endsWith(SAFETENSORS) || name.equals(WeightFiles.INDEX) ? given.resolveSibling(CONFIG) : given;
    }

    private static Path inside(Path directory) {
        Path config = directory.resolve(CONFIG);
        if (Files.isRegularFile(config)) {
            return config;
        }
        Adapters.refuse(directory);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + GGUF)) {
            found.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelException(directory + ": cannot be read: " + e.getMessage());
        }
        List<Path> first = GgufModels.firstParts(files);
        if (first.size() != 1) {
            throw new ModelException(directory + ": no " + CONFIG + " in it"
                    + (first.isEmpty() ? ", and no GGUF file" : "; name one of its " + first.size() + " GGUF files"));
        }
        return first.getFirst();
    }

    private static Model config(Path file, Optional<String> as) {
        Model model = described(file.toString(), Json.read(file), as, quantisation(file));
        if (model.reading().understood().stream().noneMatch(ModelReader::isSize)) {
            throw new ModelException(file + ": it names none of the sizes of " + model.family()
                    + " (hidden_size, num_hidden_layers, …), so there is nothing to compute");
        }
        WeightFiles.Found found = WeightFiles.beside(file);
        Model stored = found.tensors()
                .map(tensors -> WeightFiles.apply(model, tensors))
                .orElse(model);
        return stored.doubting(found.doubts(stored)).noting(Adapters.beside(file));
    }

    private static boolean isSize(String key) {
        return SIZES.contains(key.substring(key.lastIndexOf('.') + 1));
    }

    private static Optional<Quantization> quantisation(Path config) {
        Path file = config.resolveSibling(QUANTISED);
        return Files.isRegularFile(file)
                ? Quantizations.beside(Keys.of(file.toString(), Json.read(file)))
                : Optional.empty();
    }

    /// The model that a configuration alone describes.
    static Model described(String source, Json.Obj config, Optional<String> as) {
        return described(source, config, as, Optional.empty());
    }

    /// @param beside a quantisation that another file declares
    static Model described(String source, Json.Obj config, Optional<String> as, Optional<Quantization> beside) {
        Keys keys = Keys.of(source, config);
        Family family = as.map(name -> named(name, keys)).orElseGet(() -> family(source, keys));
        Keys own = keys.with(Defaults.of(family.name()));
        Decoder decoder = family.build(own);
        Optional<Quantization> declared = Quantizations.of(own)
                .map(q -> q.caching(beside.flatMap(Quantization::cache)))
                .or(() -> beside);
        Model model = build(source, own, family, decoder, new Storage.Declared(plainType(own), declared));
        return model.doubting(declared.map(q -> doubts(q, model)).orElse(List.of()));
    }

    private static List<Doubt> doubts(Quantization quantization, Model model) {
        return quantization.unknown().isPresent()
                ? List.of(Doubt.mayChange("The bytes of the weights are not known, because "
                        + quantization.unknown().get()
                        + "; all that does not depend on them is computed. --dtype sets a format."))
                : quantization.coversNothing(model)
                        ? List.of(Doubt.mayChange("The declared quantisation (" + quantization.method()
                                + ") names no module of this architecture: all weights are counted as plain."))
                        : List.of();
    }

    /// The family of this name; of a configuration that keeps a text model inside and is not one of the
    /// family's own, that text model alone.
    private static Family named(String name, Keys keys) {
        Family family = Families.all().stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new ModelException("no family " + name + "; known: " + String.join(", ", families())));
        boolean wrapped = Wrapped.nest(keys).isPresent() && !Wrapped.isWrapper(family);
        return wrapped ? family.with(k -> Wrapped.alone(k, family)) : family;
    }

    private static Family family(String source, Keys keys) {
        Optional<String> type = keys.text("model_type");
        List<String> architectures = keys.texts("architectures");
        Optional<Family> draft = Drafts.family(architectures);
        if (draft.isPresent()) {
            return draft.get();
        }
        Drafts.refuse(source, architectures);
        return type.flatMap(Families::ofType)
                .or(() -> type.isPresent()
                        ? Optional.empty()
                        : architectures.stream().findFirst().flatMap(Families::ofArchitecture))
                .or(() -> Wrapped.family(keys).map(family -> family.with(k -> Wrapped.alone(k, family))))
                .orElseThrow(() -> unknown(source, keys, type, architectures));
    }

    /// An architecture that is not known is never guessed: the message says what its keys tell.
    private static ModelException unknown(String source, Keys keys, Optional<String> type, List<String> architectures) {
        Optional<String> name = type.or(() -> architectures.stream().findFirst());
        if (name.isEmpty()) {
            return keys.missing("model_type");
        }
        Wrapped.nest(keys).ifPresent(keys::opened);
        List<String> all = keys.notUnderstood();
        List<String> known = all.stream().filter(ModelReader::anyReads).toList();
        List<String> other = all.stream().filter(key -> !anyReads(key)).toList();
        return new ModelException(source + ": unknown architecture " + name.get() + "; known families: "
                + String.join(", ", families()) + "; of its keys some family reads " + list(known) + "; none reads "
                + list(other) + "; --as FAMILY reads it as one of them");
    }

    private static boolean anyReads(String key) {
        return Defaults.anyHas(key.substring(key.lastIndexOf('.') + 1));
    }

    private static String list(List<String> keys) {
        return keys.isEmpty() ? "none" : String.join(", ", keys);
    }

    static Model build(String source, Keys keys, Family family, Decoder decoder, Storage storage) {
        List<String> architectures = keys.texts("architectures");
        Decoder.Built built = Embedding.adapt(keys, architectures, decoder).build();
        String architecture = architectures.isEmpty() ? family.architecture() : architectures.getFirst();
        Stream<String> other = architecture.equals(family.architecture())
                ? Stream.empty()
                : Stream.of(architecture + " is counted as " + family.architecture() + ".");
        return new Model(
                source,
                architecture,
                family.name(),
                built.sections(),
                built.tower(),
                built.positions(),
                storage,
                new Model.Reading(
                        keys.understood(),
                        keys.notUnderstood(),
                        keys.defaulted(),
                        Stream.concat(built.notes().stream(), other).toList(),
                        Stream.concat(built.doubts().stream(), unread(keys)).toList()));
    }

    private static Stream<Doubt> unread(Keys keys) {
        List<String> keysUnread = keys.suspicious();
        return keysUnread.isEmpty()
                ? Stream.empty()
                : Stream.of(Doubt.mayChange("Not understood: " + String.join(", ", keysUnread) + "."));
    }

    /// The number format of the weights, of the model or of the text model inside; 16 bits where none is
    /// named.
    private static DType plainType(Keys keys) {
        for (String key : List.of("torch_dtype", "dtype")) {
            if (keys.given(key) && keys.text(key).isPresent()) {
                return DType.find(keys.text(key).orElse("")).orElseThrow(() -> keys.wrong(key, "a number format"));
            }
        }
        Optional<Keys> inside = Wrapped.nest(keys).map(keys::opened);
        if (inside.isPresent()) {
            return plainType(inside.get());
        }
        keys.assume("dtype", "bf16");
        return DType.BF16;
    }
}
