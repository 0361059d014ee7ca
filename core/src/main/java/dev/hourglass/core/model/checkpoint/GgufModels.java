package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.Storage;
import dev.hourglass.core.model.StoredTensors;
import dev.hourglass.core.model.family.Families;
import dev.hourglass.core.model.family.Family;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Models as GGUF files hold them, whole or in parts of which any one stands for all.
final class GgufModels {
    private static final Pattern PART = Pattern.compile("(.*-)(\\d{5})-of-(\\d{5})(\\.gguf)", Pattern.CASE_INSENSITIVE);

    /// Tables that belong to no parameter: factors of the rotary embedding.
    private static final Pattern TABLE = Pattern.compile("rope_(freqs|factors).*|.*\\.rope_freqs\\..*");

    private GgufModels() {}

    /// The files that begin a model: those that are no part, and first parts.
    static List<Path> firstParts(List<Path> files) {
        return files.stream().map(file -> parts(file).getFirst()).distinct().toList();
    }

    /// All parts of the model of which a file is one, in order, whether they are there or not.
    private static List<Path> parts(Path file) {
        Matcher part = PART.matcher(String.valueOf(file.getFileName()));
        if (!part.matches()) {
            return List.of(file);
        }
        int count = Math.max(1, Integer.parseInt(part.group(3)));
        List<Path> parts = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            parts.add(file.resolveSibling("%s%05d-of-%s%s".formatted(part.group(1), i, part.group(3), part.group(4))));
        }
        return parts;
    }

    /// @throws ModelException if a part is missing, which is named
    static Model read(Path file, Optional<String> as) {
        List<Path> parts = parts(file);
        List<String> missing = parts.stream()
                .filter(part -> !Files.isRegularFile(part))
                .map(part -> String.valueOf(part.getFileName()))
                .toList();
        if (!missing.isEmpty()) {
            throw new ModelException(file + ": of its " + parts.size() + " parts " + missing.size()
                    + (missing.size() == 1 ? " is" : " are") + " missing: "
                    + String.join(", ", missing.subList(0, Math.min(3, missing.size())))
                    + (missing.size() > 3 ? ", …" : ""));
        }
        List<GgufHeader> headers = parts.stream().map(GgufModels::header).toList();
        return model(file, headers.getFirst().joined(headers), parts.size(), as);
    }

    private static Model model(Path file, GgufHeader header, int files, Optional<String> as) {
        GgufConfig.Described described = GgufConfig.of(header);
        String name = as.orElse(described.family());
        Family family = Families.all().stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ModelException("no family " + name));
        Keys keys = Keys.of(file.toString(), described.config()).with(Defaults.of(family.name()));
        Model model = ModelReader.build(
                file.toString(), keys, family, family.build(keys), new Storage.Declared(DType.F16, Optional.empty()));
        Model read = model.with(new Model.Reading(
                header.metadata().keySet().stream().toList(),
                described.notUnderstood(),
                model.reading().defaulted(),
                model.reading().notes(),
                model.reading().doubts()));
        List<StoredTensors.Tensor> tensors = header.tensors().stream()
                .filter(t -> !TABLE.matcher(t.name()).matches())
                .map(t -> new StoredTensors.Tensor(t.name(), t.type().name(), t.elements(), t.bytes()))
                .toList();
        return WeightFiles.apply(read, new StoredTensors(files, tensors))
                .doubting(described.doubts())
                .doubting(difference(read, header))
                .noting(tables(header));
    }

    private static GgufHeader header(Path file) {
        try {
            return GgufHeader.read(file);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static List<String> tables(GgufHeader header) {
        long bytes = header.tensors().stream()
                .filter(t -> TABLE.matcher(t.name()).matches())
                .mapToLong(GgufTensor::bytes)
                .sum();
        return bytes == 0
                ? List.of()
                : List.of(bytes + " bytes in the file are tables of the rotary embedding, counted as no weights.");
    }

    /// Elements of layers behind the last belong to multi-token prediction.
    private static List<Doubt> difference(Model model, GgufHeader header) {
        long stored = header.tensors().stream()
                .filter(t -> !TABLE.matcher(t.name()).matches())
                .filter(t -> TensorNames.layer(t.name()).orElse(0) < model.layers())
                .mapToLong(GgufTensor::elements)
                .sum();
        long counted = model.parameters();
        return stored == counted
                ? List.of()
                : List.of(Doubt.contradiction("The file holds " + stored + " elements, the architecture has " + counted
                        + " parameters: something was not understood."));
    }
}
