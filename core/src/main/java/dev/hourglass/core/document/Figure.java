package dev.hourglass.core.document;

import dev.hourglass.core.unit.Quantity;

/// A number that stands on its own.
///
/// @param label what it is
/// @param quantity the number, with unit and spread
/// @param detail what to read beside it: the spread in words, what it is a share of; may be empty
public record Figure(String label, Quantity quantity, String detail) {}
