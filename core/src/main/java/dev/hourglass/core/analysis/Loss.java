package dev.hourglass.core.analysis;

/// Something that was lost, repaired or noticed on its way into a session: a row of `import_stat`.
///
/// @param source which input or collector
/// @param kind what happened
/// @param severity info, notice, data_loss or error
/// @param place where it happened first
public record Loss(String source, String kind, String severity, long count, String place) {}
