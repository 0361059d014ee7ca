package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;

/// A trace that was read to its end: what rows that need the whole of it are made with.
///
/// @param tracks every track, with its identifiers
/// @param pairs durations of spans whose ends stood apart
/// @param base nanoseconds that its times count from, added to each
record ChromeWhole(ChromeTracks tracks, ChromePairs pairs, ImportContext context, BatchSink sink, long base) {}
