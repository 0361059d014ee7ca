/// The recorder: prepares a run, drives the engine's process, samples the machine beside it, and
/// leaves a whole session directory or none.
///
/// Owns: [DecodeRecorder] and what it is told ([ProfileRequest], [RunProgress]).
/// Imports core and device; nothing of the command line.
@NullMarked
package dev.hourglass.app.record;

import org.jspecify.annotations.NullMarked;
