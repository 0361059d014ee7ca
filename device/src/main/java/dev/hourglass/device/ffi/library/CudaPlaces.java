package dev.hourglass.device.ffi.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where users have CUDA's libraries: a toolkit, PyTorch's packages, the driver's folder.
public final class CudaPlaces {
    private static final List<String> ROOTS = List.of("CUDA_HOME", "CUDA_PATH");

    private CudaPlaces() {}

    /// Directories that exist, the user's own choice first.
    ///
    /// @param environment of the process
    public static List<Path> of(Map<String, String> environment) {
        Set<Path> places = new LinkedHashSet<>();
        for (String root : ROOTS) {
            if (environment.containsKey(root)) {
                toolkit(Path.of(environment.get(root)), places);
            }
        }
        for (Path prefix : pythonPrefixes(environment)) {
            packages(prefix, places);
        }
        for (Path root : matching(Path.of("/usr/local"), "cuda*")) {
            toolkit(root, places);
        }
        places.add(Path.of("/usr/local/nvidia/lib64"));
        places.add(Path.of("/usr/local/nvidia/lib"));
        places.add(Path.of("/usr/lib/x86_64-linux-gnu"));
        places.add(Path.of("/usr/lib/aarch64-linux-gnu"));
        places.add(Path.of("/usr/lib/wsl/lib"));
        places.removeIf(place -> !Files.isDirectory(place));
        return List.copyOf(places);
    }

    private static void toolkit(Path root, Set<Path> places) {
        places.add(root.resolve("lib64"));
        places.add(root.resolve("extras/CUPTI/lib64"));
        places.add(root.resolve("targets/x86_64-linux/lib"));
        places.add(root.resolve("targets/sbsa-linux/lib"));
    }

    /// Environments of Python: the active one, and that of each `python3` on the path.
    private static Set<Path> pythonPrefixes(Map<String, String> environment) {
        Set<Path> prefixes = new LinkedHashSet<>();
        for (String active : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            if (environment.containsKey(active)) {
                prefixes.add(Path.of(environment.get(active)));
            }
        }
        for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            Path python = Path.of(directory, "python3");
            if (!directory.isEmpty() && Files.isExecutable(python)) {
                prefixes.add(Path.of(directory)
                        .toAbsolutePath()
                        .normalize()
                        .resolve("..")
                        .normalize());
            }
        }
        return prefixes;
    }

    /// `PREFIX/lib/python3.X/{site,dist}-packages/nvidia/PACKAGE/lib`.
    private static void packages(Path prefix, Set<Path> places) {
        for (Path python : matching(prefix.resolve("lib"), "python3*")) {
            for (String kind : List.of("site-packages", "dist-packages")) {
                for (Path vendor : matching(python.resolve(kind).resolve("nvidia"), "*")) {
                    places.add(vendor.resolve("lib"));
                }
            }
        }
    }

    private static List<Path> matching(Path directory, String glob) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
                entries.forEach(found::add);
            } catch (IOException unreadable) {
                return List.of();
            }
        }
        found.sort(null);
        return found.reversed();
    }
}
