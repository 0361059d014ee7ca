package dev.hourglass.device.ffi.cupti;

/// A call of CUPTI that failed.
public final class CuptiException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MULTIPLE_SUBSCRIBERS = 39;
    private static final int NOT_COMPATIBLE = 36;
    private static final int NO_PRIVILEGE = 35;

    /// @param name of the function
    public CuptiException(String name, int status) {
        super(name + " failed with code " + status + meaning(status));
    }

    private static String meaning(int status) {
        return switch (status) {
            case MULTIPLE_SUBSCRIBERS -> ": another profiler is attached to this process; end it and try again";
            case NOT_COMPATIBLE -> ": this CUPTI and the driver are not of versions that fit each other";
            case NO_PRIVILEGE -> ": the driver keeps this to administrators (RmProfilingAdminOnly=1)";
            default -> "";
        };
    }
}
