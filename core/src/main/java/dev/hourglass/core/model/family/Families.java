package dev.hourglass.core.model.family;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The families that are understood, each a description: names, key aliases, and a recipe that
/// composes layers of [Blocks]. Defaults of absent keys stand in `defaults.json`.
///
/// A new family is one entry in the list of its kind, its defaults there, and its recorded counts
/// beside the tests.
public final class Families {
    private static final List<Family> ALL = Stream.of(
                    DenseFamilies.ALL,
                    MixedFamilies.ALL,
                    LatentFamilies.ALL,
                    RecurrentFamilies.ALL,
                    ConvolutionFamilies.ALL,
                    LayeredFamilies.ALL,
                    PictureFamilies.ALL,
                    EncoderFamilies.ALL,
                    DraftFamilies.ALL)
            .flatMap(List::stream)
            .toList();

    private Families() {}

    public static List<Family> all() {
        return ALL;
    }

    /// The family of a `model_type`.
    public static Optional<Family> ofType(String modelType) {
        return ALL.stream()
                .filter(family -> family.modelTypes().contains(modelType))
                .findFirst();
    }

    /// The family of a class name.
    public static Optional<Family> ofArchitecture(String architecture) {
        return ALL.stream()
                .filter(family -> family.architecture().equals(architecture))
                .findFirst();
    }
}
