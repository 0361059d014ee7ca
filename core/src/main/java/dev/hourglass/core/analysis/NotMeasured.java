package dev.hourglass.core.analysis;

import org.jspecify.annotations.Nullable;

/// Something unknown, with the reason.
///
/// @param status not_measured or not_applicable
/// @param howToRecord null where nothing on this machine would help
public record NotMeasured(
        String item, String status, String reason, @Nullable String howToRecord) {

    /// Whether it has no meaning for what was recorded, so that measuring it would not help.
    public boolean isInapplicable() {
        return status.equals("not_applicable");
    }
}
