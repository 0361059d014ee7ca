package dev.hourglass.core.model;

import dev.hourglass.core.model.gguf.GgufHeader;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads a model's description from its files: `config.json` with the headers of the weight files
/// beside it where there are any, or the header of a GGUF file.
public final class ModelReader {
    private static final String CONFIG = "config.json";
    private static final String GGUF = ".gguf";
    private static final String SAFETENSORS = ".safetensors";

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
            return file.toString().toLowerCase(Locale.ROOT).endsWith(GGUF) ? gguf(file, as) : config(file, as);
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
        return name.endsWith(SAFETENSORS) || name.equals(WeightFiles.INDEX) ? given.resolveSibling(CONFIG) : given;
    }

    private static Path inside(Path directory) {
        Path config = directory.resolve(CONFIG);
        if (Files.isRegularFile(config)) {
            return config;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + GGUF)) {
            found.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelException(directory + ": cannot be read: " + e.getMessage());
        }
        if (files.size() != 1) {
            throw new ModelException(directory + ": no " + CONFIG + " in it"
                    + (files.isEmpty() ? ", and no GGUF file" : "; name one of its " + files.size() + " GGUF files"));
        }
        return files.getFirst();
    }

    private static Model config(Path file, Optional<String> as) {
        Model model = described(file.toString(), Json.read(file), as);
        WeightFiles.Found found = WeightFiles.beside(file);
        return found.tensors()
                .map(tensors -> WeightFiles.apply(model, tensors))
                .orElse(model)
                .noting(found.note().stream().toList());
    }

    /// The model that a configuration alone describes.
    static Model described(String source, Json.Obj config, Optional<String> as) {
        Keys keys = Keys.of(source, config);
        Family family = as.map(ModelReader::named).orElseGet(() -> family(source, keys));
        Keys own = keys.with(Defaults.of(family.name()), family.aliases());
        return build(source, own, family, new Storage.Declared(plainType(own), Quantization.of(own)));
    }

    private static Model gguf(Path file, Optional<String> as) {
        GgufHeader header = header(file);
        GgufConfig.Described described = GgufConfig.of(header);
        Family family = named(as.orElse(described.family()));
        Keys keys = Keys.of(file.toString(), described.config()).with(Defaults.of(family.name()), family.aliases());
        Model model = build(file.toString(), keys, family, new Storage.Declared(DType.F16, Optional.empty()));
        List<StoredTensors.Tensor> tensors = header.tensors().stream()
                .map(t -> new StoredTensors.Tensor(t.name(), t.type().name(), t.elements(), t.bytes()))
                .toList();
        Model.Reading reading = model.reading();
        Model read = new Model(
                model.source(),
                model.architecture(),
                model.family(),
                model.sections(),
                model.tower(),
                model.positions(),
                model.storage(),
                new Model.Reading(
                        header.metadata().keySet().stream().toList(),
                        described.notUnderstood(),
                        reading.defaulted(),
                        reading.notes()));
        return WeightFiles.apply(read, new StoredTensors(1, tensors)).noting(difference(read, header));
    }

    private static GgufHeader header(Path file) {
        try {
            return GgufHeader.read(file);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static List<String> difference(Model model, GgufHeader header) {
        long stored = header.parameters();
        long counted = model.parameters();
        return stored == counted
                ? List.of()
                : List.of("The file holds " + stored + " elements, the architecture has " + counted
                        + " parameters; the rest are tables and buffers, or something that was not understood.");
    }

    private static Family named(String name) {
        return Families.all().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new ModelException("no family " + name + "; known: " + String.join(", ", families())));
    }

    private static Family family(String source, Keys keys) {
        Optional<String> type = keys.text("model_type");
        List<String> architectures = keys.texts("architectures");
        return type.flatMap(Families::ofType)
                .or(() -> type.isPresent()
                        ? Optional.empty()
                        : architectures.stream().findFirst().flatMap(Families::ofArchitecture))
                .orElseThrow(() -> unknown(source, keys, type, architectures));
    }

    /// An architecture that is not known is never guessed: the message says what its keys tell.
    private static ModelException unknown(String source, Keys keys, Optional<String> type, List<String> architectures) {
        Optional<String> name = type.or(() -> architectures.stream().findFirst());
        if (name.isEmpty()) {
            return keys.missing("model_type");
        }
        List<String> all = keys.notUnderstood();
        List<String> known = all.stream().filter(Defaults::anyHas).toList();
        List<String> other = all.stream().filter(key -> !Defaults.anyHas(key)).toList();
        return new ModelException(source + ": unknown architecture " + name.get() + "; known families: "
                + String.join(", ", families()) + "; of its keys some family reads " + list(known) + "; none reads "
                + list(other) + "; --as FAMILY reads it as one of them");
    }

    private static String list(List<String> keys) {
        return keys.isEmpty() ? "none" : String.join(", ", keys);
    }

    private static Model build(String source, Keys keys, Family family, Storage storage) {
        Decoder.Built built = family.build(keys).build();
        List<String> architectures = keys.texts("architectures");
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
                        Stream.concat(built.notes().stream(), other).toList()));
    }

    private static DType plainType(Keys keys) {
        String key = keys.has("torch_dtype") ? "torch_dtype" : "dtype";
        return DType.find(keys.text(key).orElse("bf16")).orElseThrow(() -> keys.wrong(key, "a number format"));
    }
}
