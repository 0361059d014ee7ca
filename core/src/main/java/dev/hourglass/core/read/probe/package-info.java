/// What the probe inside Python engines writes: segments, see `docs/probe-format.md`.
///
/// Owns: the layout as `records.json` declares it, and what each record is in our tables. May import `read`, `text`,
/// `trace`, `unit`; no other family of readers.
@NullMarked
package dev.hourglass.core.read.probe;

import org.jspecify.annotations.NullMarked;
