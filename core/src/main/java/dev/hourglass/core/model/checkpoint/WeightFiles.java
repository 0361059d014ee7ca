package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.Storage;
import dev.hourglass.core.model.StoredTensors;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.keys.Json;
import dev.hourglass.core.model.keys.Keys;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The weight files beside a configuration, and what their headers change about a model.
final class WeightFiles {
    static final String INDEX = "model.safetensors.index.json";
    private static final String SUFFIX = ".safetensors";
    private static final String SINGLE = "model" + SUFFIX;

    /// Part of the whole by which two sizes may differ before they contradict each other.
    private static final double SLACK = 0.01;

    private static final Pattern SHARD = Pattern.compile("-\\d{3,}-of-\\d{3,}\\.safetensors$");
    private static final Pattern PREDICTION = Pattern.compile("(^|\\.)(mtp|nextn|eh_proj)\\.|^mtp_");

    /// Groups whose tensors other checkpoints name alike: what mixes tokens, and what feeds forward.
    private static final List<Set<Group>> KINDS = List.of(
            Set.of(Group.ATTN, Group.LINEAR_ATTN, Group.SSM, Group.CONV),
            Set.of(Group.MLP, Group.SHARED_EXPERTS, Group.ROUTED_EXPERTS));

    private WeightFiles() {}

    /// What lies beside a configuration.
    ///
    /// @param tensors all tensors; empty where files are missing
    /// @param incomplete what is missing; empty where nothing is
    /// @param declared bytes of all tensors, as the index says
    record Found(Optional<StoredTensors> tensors, Optional<String> incomplete, OptionalLong declared) {
        static final Found NOTHING = new Found(Optional.empty(), Optional.empty(), OptionalLong.empty());

        /// What a reader must know before the numbers of a model: files that are missing, and an index
        /// that says something else than what was computed.
        List<Doubt> doubts(Model model) {
            List<Doubt> doubts = new ArrayList<>();
            incomplete.map(Doubt::mayChange).ifPresent(doubts::add);
            if (declared.isPresent() && model.storage().unknown().isEmpty()) {
                long said = declared.getAsLong();
                double computed = model.weightBytes();
                boolean more = said > computed
                        && model.reading().notes().stream().anyMatch(note -> note.startsWith("Multi-token"));
                if (Math.abs(said - computed) > SLACK * computed) {
                    doubts.add(new Doubt(
                            more ? Doubt.Effect.MAY_CHANGE : Doubt.Effect.CONTRADICTION,
                            "The index says " + said + " bytes of weights, "
                                    + (tensors.isPresent() ? "the files hold " : "the configuration makes it ")
                                    + (long) computed + "."));
                }
            }
            return doubts;
        }
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
        names.stream().filter(name -> !isBeside(name)).findFirst().ifPresent(name -> {
            throw keys.wrong("weight_map", "names of files beside it");
        });
        List<Path> files = names.stream().map(directory::resolve).toList();
        long missing = files.stream().filter(file -> !Files.isRegularFile(file)).count();
        OptionalLong declared = keys.child("metadata", Map.of()).count("total_size", Long.MAX_VALUE);
        return missing > 0
                ? new Found(Optional.empty(), Optional.of(partly(declared, missing, files.size())), declared)
                : new Found(Optional.of(read(files)), Optional.empty(), declared);
    }

    /// Whether a name can be one of a file in the same directory.
    private static boolean isBeside(String name) {
        try {
            return !name.isEmpty()
                    && !name.contains("/")
                    && !name.contains("..")
                    && Path.of(name).getNameCount() == 1;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String partly(OptionalLong declared, long missing, int files) {
        return missing + " of " + files + " weight files are not here, so their headers could not be read"
                + declared.stream()
                        .mapToObj(bytes -> "; the index says " + bytes + " bytes in all")
                        .findFirst()
                        .orElse("")
                + ".";
    }

    private static Found single(Path directory) {
        Path usual = directory.resolve(SINGLE);
        if (Files.isRegularFile(usual)) {
            return whole(usual);
        }
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            files.forEach(all::add);
        } catch (IOException | DirectoryIteratorException e) {
            return Found.NOTHING;
        }
        all.removeIf(file -> String.valueOf(file.getFileName()).startsWith("adapter_"));
        if (all.size() == 1 && !SHARD.matcher(all.getFirst().toString()).find()) {
            return whole(all.getFirst());
        }
        return all.isEmpty()
                ? Found.NOTHING
                : new Found(
                        Optional.empty(),
                        Optional.of(all.size() + (all.size() == 1 ? " weight file lies" : " weight files lie")
                                + " beside it without an index, so whether they are all cannot be told, and their"
                                + " headers were not used."),
                        OptionalLong.empty());
    }

    private static Found whole(Path file) {
        return new Found(Optional.of(read(List.of(file))), Optional.empty(), OptionalLong.empty());
    }

    private static StoredTensors read(List<Path> files) {
        List<StoredTensors.Tensor> tensors = new ArrayList<>();
        files.forEach(file -> tensors.addAll(SafetensorsHeader.read(file)));
        return new StoredTensors(files.size(), tensors);
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
            if (PREDICTION.matcher(tensor.name()).find()) {
                beyond += tensor.bytes();
            } else if (group != Group.VISION && TensorNames.layer(tensor.name()).orElse(0) >= layers) {
                beyond += tensor.bytes();
            } else {
                bytes.merge(group, tensor.bytes(), Math::addExact);
            }
        }
        List<String> notes = new ArrayList<>();
        if (beyond > 0) {
            notes.add(beyond + " bytes in the files belong to layers behind the last (multi-token prediction).");
        }
        Map<Group, Double> perElement = perElement(parameters, bytes);
        return model.with(new Storage.Headers(model.storage(), tensors, perElement))
                .noting(notes)
                .doubting(missing(parameters, perElement).map(Doubt::contradiction).stream()
                        .toList());
    }

    /// Bytes per element of each group. Names do not tell all groups apart: those of one kind of which one
    /// is not found by name are averaged together, and what no group of the model has a name for goes to
    /// those that are not found.
    private static Map<Group, Double> perElement(Map<Group, Long> parameters, Map<Group, Long> stored) {
        Map<Group, Long> bytes = new EnumMap<>(stored);
        Map<Group, Double> perElement = new EnumMap<>(Group.class);
        for (Set<Group> kind : KINDS) {
            List<Group> here = kind.stream().filter(parameters::containsKey).toList();
            if (!bytes.keySet().containsAll(here)) {
                average(parameters, bytes, here).ifPresent(mean -> here.forEach(group -> perElement.put(group, mean)));
            }
        }
        parameters.forEach((group, count) -> {
            Long own = bytes.get(group);
            if (own != null && !perElement.containsKey(group)) {
                perElement.put(group, (double) own / count);
            }
        });
        List<Group> rest = parameters.keySet().stream()
                .filter(group -> !perElement.containsKey(group))
                .toList();
        bytes.keySet().removeAll(parameters.keySet());
        average(parameters, bytes, rest, bytes.keySet()).ifPresent(mean -> rest.forEach(g -> perElement.put(g, mean)));
        return perElement;
    }

    private static OptionalDouble average(Map<Group, Long> parameters, Map<Group, Long> bytes, List<Group> groups) {
        return average(parameters, bytes, groups, groups);
    }

    /// Bytes of some groups over the elements of others; empty where there are none.
    private static OptionalDouble average(
            Map<Group, Long> parameters, Map<Group, Long> bytes, List<Group> groups, Collection<Group> from) {
        long sum =
                from.stream().mapToLong(group -> bytes.getOrDefault(group, 0L)).sum();
        long elements = groups.stream()
                .mapToLong(group -> parameters.getOrDefault(group, 0L))
                .sum();
        return sum == 0 || elements == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) sum / elements);
    }

    /// State-space names also stand for linear attention, and the reverse.
    private static Group home(Map<Group, Long> parameters, Group named) {
        return switch (named) {
            case SSM -> parameters.containsKey(Group.SSM) ? Group.SSM : Group.LINEAR_ATTN;
            case LINEAR_ATTN -> parameters.containsKey(Group.LINEAR_ATTN) ? Group.LINEAR_ATTN : Group.ATTN;
            default -> parameters.containsKey(named) || !parameters.containsKey(Group.OTHER) ? named : Group.OTHER;
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

    private static Optional<String> missing(Map<Group, Long> parameters, Map<Group, Double> bytes) {
        List<String> absent = parameters.keySet().stream()
                .filter(group -> !bytes.containsKey(group))
                .map(Group::label)
                .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of("The weight files hold nothing of: " + String.join(", ", absent) + ".");
    }
}
