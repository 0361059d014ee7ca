package dev.hourglass.core.hardware;

/// The least time that work takes on a device: the larger of computing it at the peak of its format
/// and moving its bytes at the bandwidth.
///
/// @param device whose peaks apply
public record Roofline(DeviceSpec device) {

    /// Seconds at best.
    ///
    /// @param compute seconds of arithmetic at the peak
    /// @param memory seconds of transfer at the bandwidth
    public record Time(double compute, double memory) {
        public double seconds() {
            return Math.max(compute, memory);
        }

        public boolean memoryBound() {
            return memory > compute;
        }
    }

    /// The least time of one operator.
    ///
    /// @param flops operations
    /// @param bytes moved
    /// @param format in which its products run
    public Time time(double flops, double bytes, String format) {
        return new Time(flops / device.peak(format).perSecond(), bytes / device.bandwidth());
    }
}
