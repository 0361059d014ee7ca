/// Files that nothing is lost in and nothing is left of: written whole before they stand under their name,
/// known by the process that they belong to, removed with it.
///
/// Imports nothing.
@NullMarked
package dev.hourglass.core.file;

import org.jspecify.annotations.NullMarked;
