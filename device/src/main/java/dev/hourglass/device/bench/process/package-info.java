/// Benchmarks in a process of their own: machine code and drivers end that process, not the caller's.
///
/// Owns: who is asked for a device ([Backends]), what is asked ([BenchJob]), both ends of the pipe. May import
/// `bench`
/// and every room below it.
@NullMarked
package dev.hourglass.device.bench.process;

import org.jspecify.annotations.NullMarked;
