/// The command line: one class per verb. The only package that writes to standard output.
@NullMarked
package dev.hourglass.app.cli;

import org.jspecify.annotations.NullMarked;
