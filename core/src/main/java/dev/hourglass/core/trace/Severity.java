package dev.hourglass.core.trace;

import java.util.Locale;

/// How bad it is that something was not read as it stands.
public enum Severity {
    /// Nothing is missing; said for completeness.
    INFO,
    /// Something was repaired or read in a way that may matter.
    NOTICE,
    /// Something that was recorded is not in the database.
    DATA_LOSS,
    /// The input contradicts itself, or a part of it could not be used.
    ERROR;

    /// The word in `import_stat.severity`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
