package dev.hourglass.core.analysis;

/// What to change, as it fits one recording.
///
/// @param text sentences, with the spellings of the engine that was recorded
/// @param spellings how each engine spells it, where the recording does not tell which one ran; else empty
record Remedy(String text, String spellings) {
    static final Remedy NONE = new Remedy("", "");
}
