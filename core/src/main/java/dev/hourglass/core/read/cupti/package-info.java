/// The activity records of CUPTI, whoever took them: how they are laid out, and the timeline that they tell.
/// Whoever reads buffers from somewhere hands them over here; nothing here knows of files.
@org.jspecify.annotations.NullMarked
package dev.hourglass.core.read.cupti;
