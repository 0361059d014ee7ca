package dev.hourglass.app.cli;

import dev.hourglass.app.bench.KeptCeilings;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.device.host.HostInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// What `--device` takes: `auto`, `cpu`, `gpu`, `gpu:N`, or a name of the device table.
final class Devices {
    static final String DESCRIPTION = "auto, cpu, gpu, gpu:N, or a name that `hourglass devices` lists.";

    private static final Path NVIDIA = Path.of("/proc/driver/nvidia/gpus");

    private Devices() {}

    /// What the device can do that is meant: measured, where its ceilings are kept, else by its data sheet.
    ///
    /// @throws UserException if it is not in the machine or not in the table
    static DeviceSpec find(String asked) {
        String name = asked.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "auto" -> gpuNames().isEmpty() ? cpu() : gpu(0);
            case "cpu" -> cpu();
            case "gpu" -> gpu(0);
            default -> {
                OptionalInt index = index(name);
                yield index.isPresent() ? gpu(index.getAsInt()) : named(name);
            }
        };
    }

    /// The devices of this machine that are meant, as benchmarks name them: `cpu`, `gpu:0`.
    ///
    /// @param asked auto, cpu, gpu, gpu:N, all
    /// @throws UserException if there is no such device
    static List<String> present(String asked) {
        List<String> gpus = gpuNames();
        String name = asked.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "auto" -> List.of(gpus.isEmpty() ? "cpu" : "gpu:0");
            case "cpu" -> List.of("cpu");
            case "all" -> {
                List<String> all = new ArrayList<>(List.of("cpu"));
                for (int i = 0; i < gpus.size(); i++) {
                    all.add("gpu:" + i);
                }
                yield all;
            }
            default -> {
                OptionalInt index = name.equals("gpu") ? OptionalInt.of(0) : index(name);
                if (index.isEmpty()) {
                    throw new UserException("no device " + Terminal.plain(asked)
                            + Nearest.hint(name, List.of("auto", "cpu", "gpu", "gpu:0", "all"))
                            + "; there are auto, cpu, gpu, gpu:N, all");
                }
                yield List.of("gpu:" + index.getAsInt());
            }
        };
    }

    /// What the driver calls the machine's GPUs, in its order.
    static List<String> gpuNames() {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(NVIDIA)) {
            return names;
        }
        try (DirectoryStream<Path> gpus = Files.newDirectoryStream(NVIDIA)) {
            List<Path> sorted = new ArrayList<>();
            gpus.forEach(sorted::add);
            sorted.sort(null);
            for (Path gpu : sorted) {
                model(gpu.resolve("information")).ifPresent(names::add);
            }
        } catch (IOException | DirectoryIteratorException e) {
            return names;
        }
        return names;
    }

    /// What the kernel calls the processor; empty where it does not tell.
    static String cpuName() {
        return HostInfo.read().facts().getOrDefault("host.cpu", "");
    }

    private static Optional<String> model(Path information) throws IOException {
        return Files.readString(information, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("Model:"))
                .map(line -> line.substring("Model:".length()).strip())
                .findFirst();
    }

    private static OptionalInt index(String name) {
        return name.matches("gpu:\\d{1,3}")
                ? OptionalInt.of(Integer.parseInt(name.substring("gpu:".length())))
                : OptionalInt.empty();
    }

    /// What was measured on the device instead of what its data sheet says, as far as that still holds.
    ///
    /// @param device as benchmarks name it
    private static Optional<DeviceSpec> measured(String device, Optional<DeviceSpec> sheet, String title) {
        Optional<KeptCeilings> kept = KeptCeilings.valid(device);
        return kept.isEmpty() ? sheet : kept.flatMap(k -> k.over(sheet, title));
    }

    private static DeviceSpec gpu(int index) {
        List<String> names = gpuNames();
        if (index >= names.size()) {
            throw new UserException(
                    names.isEmpty()
                            ? "no NVIDIA GPU in this machine; name a device, `hourglass devices` lists them"
                            : "no gpu:" + index + " in this machine, which has " + names.size());
        }
        return measured("gpu:" + index, DeviceTable.recognise(names.get(index)), names.get(index))
                .orElseThrow(() -> unknown(names.get(index)));
    }

    private static DeviceSpec cpu() {
        String name = cpuName();
        DeviceSpec spec = measured("cpu", DeviceTable.recognise(name), name).orElseThrow(() -> unknown(name));
        String memory = HostInfo.read().facts().get("host.memory_bytes");
        return memory == null ? spec : spec.withMemory(Double.parseDouble(memory));
    }

    private static UserException unknown(String reported) {
        return new UserException("no data sheet for this machine's "
                + Terminal.plain(reported.isEmpty() ? "processor" : reported)
                + "; name a device, `hourglass devices` lists them, or measure this one, `hourglass roofline`");
    }

    private static DeviceSpec named(String name) {
        List<String> known = DeviceTable.all().stream().map(DeviceSpec::name).toList();
        return DeviceTable.find(name)
                .orElseThrow(() -> new UserException("no device " + Terminal.plain(name) + Nearest.hint(name, known)
                        + "; `hourglass devices` lists them"));
    }
}
