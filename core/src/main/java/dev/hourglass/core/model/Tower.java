package dev.hourglass.core.model;

import java.util.List;
import java.util.Locale;

/// A part of a model that runs once per input, before the text: an audio encoder or a vision tower.
///
/// @param kind what it reads
/// @param size how its input becomes tokens
/// @param sections its layers, its stem and what follows them
public record Tower(Kind kind, Size size, List<Section> sections) {

    public Tower {
        sections = List.copyOf(sections);
    }

    /// What a tower reads; the name of its FLOPs.
    public enum Kind {
        ENCODER,
        VISION;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Tokens of one input: of this image, or of the one size there is.
    public long tokens(Image image) {
        return switch (size) {
            case Size.Always always -> always.tokens();
            case Size.Patches patches -> patches.of(image);
        };
    }

    /// How an input becomes tokens.
    public sealed interface Size {
        /// Always the same number: 30 s of audio, an image scaled to one size.
        record Always(long tokens, String input) implements Size {}

        /// Patches of `patch` × `patch` pixels, in an image whose sides are rounded to whole merged
        /// patches.
        record Patches(long patch, long merge) implements Size {
            /// Patches of an image.
            long of(Image image) {
                return side(image.width()) * side(image.height());
            }

            private long side(long pixels) {
                long unit = patch * merge;
                return Math.max(1, (long) Math.rint((double) pixels / unit)) * merge;
            }
        }
    }

    /// An image in pixels.
    public record Image(long width, long height) {}

    /// The step of one input.
    public static Work once(long tokens) {
        return new Work(tokens, 0, 1, 0);
    }
}
