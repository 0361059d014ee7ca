package dev.hourglass.device.collect;

import dev.hourglass.device.ffi.nvml.NvmlDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How GPUs are called in `hw_sample`: `gpu:N` by the number that a CUDA program knows it by, so that samples and
/// kernels of one GPU have one name. What `CUDA_VISIBLE_DEVICES` hides from the program is `other:N` by the driver's
/// number.
///
/// As CUDA does, the list ends at the first entry that names no GPU. Without the variable the numbers are the
/// driver's,
/// which CUDA shares where all GPUs are of one kind or `CUDA_DEVICE_ORDER=PCI_BUS_ID` is set.
final class GpuLabels {
    static final String VARIABLE = "CUDA_VISIBLE_DEVICES";

    private GpuLabels() {}

    /// What a label is made of.
    ///
    /// @param index the driver's number
    record Gpu(int index, String uuid) {
        static Gpu of(NvmlDevice device) {
            return new Gpu(device.index(), device.uuid().found().orElse(""));
        }
    }

    /// @param visible the variable's value; empty where it is not set
    /// @return labels by the driver's number
    static Map<Integer, String> of(List<Gpu> gpus, Optional<String> visible) {
        Map<Integer, String> labels = new HashMap<>();
        if (visible.isEmpty()) {
            gpus.forEach(gpu -> labels.put(gpu.index, "gpu:" + gpu.index));
            return labels;
        }
        for (String entry : visible.get().split(",", -1)) {
            Optional<Gpu> named = named(gpus, entry.strip());
            if (named.isEmpty()) {
                break;
            }
            labels.putIfAbsent(named.get().index, "gpu:" + labels.size());
        }
        gpus.forEach(gpu -> labels.putIfAbsent(gpu.index, "other:" + gpu.index));
        return labels;
    }

    /// By its number, or by the beginning of its UUID; an instance of a GPU that is cut stands for the whole one.
    private static Optional<Gpu> named(List<Gpu> gpus, String entry) {
        if (entry.matches("\\d{1,6}")) {
            return gpus.stream()
                    .filter(gpu -> gpu.index == Integer.parseInt(entry))
                    .findFirst();
        }
        String uuid =
                entry.startsWith("MIG-GPU-") ? entry.substring("MIG-".length()).split("/", 2)[0] : entry;
        return uuid.length() <= "GPU-".length()
                ? Optional.empty()
                : gpus.stream().filter(gpu -> gpu.uuid.startsWith(uuid)).findFirst();
    }
}
