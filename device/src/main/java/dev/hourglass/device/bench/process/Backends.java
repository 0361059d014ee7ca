package dev.hourglass.device.bench.process;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.cpu.CpuBackend;

/// Who runs operators on a device: the one place that knows every backend.
public final class Backends {
    private static final String GPU = "gpu";

    private Backends() {}

    /// A backend, or why there is none.
    public sealed interface Outcome {
        /// It is open, and to be closed.
        record Found(Backend backend) implements Outcome {}

        /// There is none.
        ///
        /// @param reason in one line for the user
        record Absent(String reason) implements Outcome {}
    }

    /// @param device `cpu`, `gpu:0`
    public static Outcome find(String device) {
        if (device.equals("cpu")) {
            return new Outcome.Found(new CpuBackend());
        }
        if (device.startsWith(GPU)) {
            return gpu(device);
        }
        return new Outcome.Absent("no device " + device + ": there are cpu, gpu, gpu:N");
    }

    /// GPUs join here.
    private static Outcome gpu(String device) {
        return new Outcome.Absent(device + " cannot be measured: this build has no GPU backend");
    }

    /// What ceilings of a device hold for now, without measuring; empty where only its backend can tell.
    public static String validity(String device) {
        return device.equals("cpu") ? CpuBackend.validity() : "";
    }
}
