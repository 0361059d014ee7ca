package dev.hourglass.device.bench;

import java.util.OptionalDouble;

/// One timing.
///
/// @param ns nanoseconds of one call, on the device's clock where it has one
/// @param clockMhz of the processor meanwhile; empty where it was not told
/// @param throttled whether the device was held back meanwhile: such a sample is counted and left out
public record Sample(double ns, OptionalDouble clockMhz, boolean throttled) {}
