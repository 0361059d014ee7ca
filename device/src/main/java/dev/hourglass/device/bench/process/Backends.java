package dev.hourglass.device.bench.process;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.cpu.CpuBackend;
import dev.hourglass.device.bench.gpu.GpuBackend;
import dev.hourglass.device.gpu.GpuLibraries;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who runs operators on a device: the one place that knows every backend.
public final class Backends {
    private static final String GPU = "gpu";
    private static final Pattern GPU_NAME = Pattern.compile("gpu(?::(?<index>\\d{1,4}))?");

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

    private static Outcome gpu(String device) {
        Matcher name = GPU_NAME.matcher(device);
        if (!name.matches()) {
            return new Outcome.Absent("no device " + device + ": GPUs are named gpu, gpu:0, gpu:1, …");
        }
        int index = name.group("index") == null ? 0 : Integer.parseInt(name.group("index"));
        return switch (GpuBackend.open(GpuLibraries.find(System.getenv()), index)) {
            case GpuBackend.Outcome.Ready ready -> new Outcome.Found(ready.backend());
            case GpuBackend.Outcome.Absent absent ->
                new Outcome.Absent(device + " cannot be measured: " + absent.reason());
        };
    }

    /// What ceilings of a device hold for now, without measuring; empty where only its backend can tell.
    public static String validity(String device) {
        return device.equals("cpu") ? CpuBackend.validity() : "";
    }
}
