package dev.hourglass.core.model;

/// Something about a model's files that a reader must know before the numbers, by its effect on them.
///
/// @param effect how it bears on the numbers
/// @param text one sentence
public record Doubt(Effect effect, String text) {

    /// How a doubt bears on the numbers, gravest first.
    public enum Effect {
        /// Two sources disagree: one of them is wrong.
        CONTRADICTION("contradiction"),
        /// The numbers may be wrong, or leave something out.
        MAY_CHANGE("may change the numbers"),
        /// Not understood, and known not to matter.
        HARMLESS("harmless");

        private final String label;

        Effect(String label) {
            this.label = label;
        }

        /// For people: `may change the numbers`.
        public String label() {
            return label;
        }
    }

    public static Doubt mayChange(String text) {
        return new Doubt(Effect.MAY_CHANGE, text);
    }

    public static Doubt contradiction(String text) {
        return new Doubt(Effect.CONTRADICTION, text);
    }
}
