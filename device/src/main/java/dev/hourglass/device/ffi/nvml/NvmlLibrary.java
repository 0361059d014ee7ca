package dev.hourglass.device.ffi.nvml;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Finds and opens the library. It stays open until the process ends.
final class NvmlLibrary {
    /// By which the dynamic loader finds it where the driver is installed as usual.
    private static final String NAME = "libnvidia-ml.so.1";

    /// Where drivers lie that the loader does not know of: images of containers, managed Kubernetes, WSL, NixOS, and the
    /// plain places of distributions.
    private static final List<String> FOLDERS = List.of(
            "/usr/local/nvidia/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib64/nvidia",
            "/usr/lib/nvidia",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib",
            "/home/kubernetes/bin/nvidia/lib64",
            "/opt/nvidia/lib64");

    private NvmlLibrary() {}

    sealed interface Opening {}

    /// @param place name or path under which it was found
    record Opened(NvmlCalls calls, String place) implements Opening {}

    /// @param reason in a line
    record Absent(String reason) implements Opening {}

    /// @param named file that somebody named instead; empty for the usual places
    static Opening open(String named) {
        List<String> places = named.isEmpty()
                ? Stream.concat(Stream.of(NAME), FOLDERS.stream().map(folder -> folder + "/" + NAME))
                        .toList()
                : List.of(named);
        List<String> broken = new ArrayList<>();
        for (String place : places) {
            try {
                return new Opened(new NvmlBindings(library(place)), place);
            } catch (IllegalArgumentException notThere) {
                if (place.startsWith("/") && Files.exists(Path.of(place))) {
                    broken.add(place);
                }
            }
        }
        return new Absent(reason(named, broken));
    }

    private static String reason(String named, List<String> broken) {
        if (!broken.isEmpty()) {
            return String.join(", ", broken) + " cannot be loaded: damaged, or made for another system";
        }
        return named.isEmpty() ? NAME + " is not installed: there is no NVIDIA driver" : named + " is not there";
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup library(String place) {
        return place.startsWith("/")
                ? SymbolLookup.libraryLookup(Path.of(place), Arena.global())
                : SymbolLookup.libraryLookup(place, Arena.global());
    }
}
