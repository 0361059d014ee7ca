package dev.hourglass.app.image;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.GeneratedModel;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.core.model.synthetic.Shapes;
import java.nio.file.Path;
import java.util.OptionalLong;

/// A mixture-of-experts model that a test can afford: 3 layers of 8 experts, 2 chosen, 64 wide.
public final class TinyModel {
    private TinyModel() {}

    /// The file, made in the directory.
    public static Path in(Path directory) {
        Shape d = Shapes.DEFAULT;
        Shape tiny = new Shape(
                "tiny",
                "tiny",
                "made up for tests",
                d.architecture(),
                d.attention(),
                3,
                0,
                256,
                4,
                2,
                64,
                256,
                8,
                2,
                256,
                0,
                512,
                false,
                d.ropeBase(),
                d.normEpsilon(),
                2048,
                GgmlType.Q4_0);
        return new GeneratedModel(tiny, 3, 1).prepare(directory, 64, OptionalLong.empty(), (_, _) -> {});
    }
}
