package dev.hourglass.core.model;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The weight files beside a configuration, and what their headers change about a model.
final class WeightFiles {
    static final String INDEX = "model.safetensors.index.json";
    private static final String SUFFIX = ".safetensors";
    private static final String SINGLE = "model" + SUFFIX;

    private WeightFiles() {}

    /// What lies beside a configuration.
    ///
    /// @param tensors all tensors; empty where files are missing
    /// @param note what a reader must know
    record Found(Optional<StoredTensors> tensors, Optional<String> note) {
        static final Found NOTHING = new Found(Optional.empty(), Optional.empty());
    }

    static Found beside(Path config) {
        Path directory = config.toAbsolutePath().getParent();
        if (directory == null) {
            return Found.NOTHING;
        }
        Path index = directory.resolve(INDEX);
        return Files.isRegularFile(index) ? indexed(directory, index) : single(directory);
    }

    private static Found indexed(Path directory, Path index) {
        Keys keys = Keys.of(index.toString(), Json.read(index));
        Set<String> names = new TreeSet<>(keys.child("weight_map", Map.of()).allTexts());
        if (names.isEmpty()) {
            throw keys.missing("weight_map");
        }
        names.stream()
                .filter(name -> name.contains("/") || name.contains(".."))
                .findFirst()
                .ifPresent(name -> {
                    throw keys.wrong("weight_map", "names of files beside it");
                });
        List<Path> files = names.stream().map(directory::resolve).toList();
        long missing = files.stream().filter(file -> !Files.isRegularFile(file)).count();
        return missing > 0
                ? new Found(Optional.empty(), Optional.of(partly(keys, missing, files.size())))
                : read(files);
    }

    private static String partly(Keys keys, long missing, int files) {
        return missing + " of " + files + " weight files are not here, so their headers could not be read"
                + keys.child("metadata", Map.of()).count("total_size", Long.MAX_VALUE).stream()
                        .mapToObj(bytes -> "; the index says " + bytes + " bytes in all")
                        .findFirst()
                        .orElse("")
                + ".";
    }

    private static Found single(Path directory) {
        Path usual = directory.resolve(SINGLE);
        if (Files.isRegularFile(usual)) {
            return read(List.of(usual));
        }
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            files.forEach(all::add);
        } catch (IOException | DirectoryIteratorException e) {
            return Found.NOTHING;
        }
        return all.size() == 1 ? read(all) : Found.NOTHING;
    }

    private static Found read(List<Path> files) {
        List<StoredTensors.Tensor> tensors = new ArrayList<>();
        files.forEach(file -> tensors.addAll(SafetensorsHeader.read(file)));
        return new Found(Optional.of(new StoredTensors(files.size(), tensors)), Optional.empty());
    }

    /// The model with its weights as the files store them.
    static Model apply(Model model, StoredTensors tensors) {
        Map<Group, Long> parameters = model.parametersByGroup();
        Map<Group, Long> bytes = new EnumMap<>(Group.class);
        TensorNames names = new TensorNames();
        int layers = Math.max(model.layers(), encoderLayers(model));
        long beyond = 0;
        for (StoredTensors.Tensor tensor : tensors.tensors()) {
            Group group = home(parameters, names.group(tensor.name()));
            if (group != Group.VISION && TensorNames.layer(tensor.name()).orElse(0) >= layers) {
                beyond += tensor.bytes();
            } else {
                bytes.merge(group, tensor.bytes(), Math::addExact);
            }
        }
        List<String> notes = new ArrayList<>();
        missing(parameters, bytes).ifPresent(notes::add);
        if (beyond > 0) {
            notes.add(beyond + " bytes in the files belong to layers behind the last (multi-token prediction).");
        }
        return model.with(new Storage.Headers(model.storage(), tensors, perElement(parameters, bytes)))
                .noting(notes);
    }

    private static Map<Group, Double> perElement(Map<Group, Long> parameters, Map<Group, Long> bytes) {
        Map<Group, Double> perElement = new EnumMap<>(Group.class);
        parameters.forEach((group, count) -> {
            Long stored = bytes.get(group);
            if (count > 0 && stored != null) {
                perElement.put(group, (double) stored / count);
            }
        });
        return perElement;
    }

    /// State-space names also stand for linear attention, and the reverse.
    private static Group home(Map<Group, Long> parameters, Group named) {
        return switch (named) {
            case SSM -> parameters.containsKey(Group.SSM) ? Group.SSM : Group.LINEAR_ATTN;
            case LINEAR_ATTN -> parameters.containsKey(Group.LINEAR_ATTN) ? Group.LINEAR_ATTN : Group.ATTN;
            default -> named;
        };
    }

    private static int encoderLayers(Model model) {
        return model.tower().stream()
                .filter(tower -> tower.kind() == Tower.Kind.ENCODER)
                .flatMap(tower -> tower.sections().stream())
                .mapToInt(section -> section.layer() + 1)
                .max()
                .orElse(0);
    }

    private static Optional<String> missing(Map<Group, Long> parameters, Map<Group, Long> bytes) {
        List<String> absent = parameters.keySet().stream()
                .filter(group -> !bytes.containsKey(group))
                .map(Group::label)
                .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of("The weight files hold nothing of: " + String.join(", ", absent) + ".");
    }
}
