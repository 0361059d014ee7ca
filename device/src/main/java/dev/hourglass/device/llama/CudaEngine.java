package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.cuda.Attribute;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.library.CudaPlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// An engine that computes on a GPU of this machine, or what is missing for one.
public sealed interface CudaEngine {
    /// Everything is there.
    ///
    /// @param libraries the engine's
    /// @param preload libraries of CUDA that it needs, in the order in which they are loaded
    /// @param places directories in which more of them may lie
    /// @param gpu which GPU
    /// @param notice what may go wrong all the same, in one sentence
    /// @param blind why the GPU's work cannot be recorded
    record Found(
            EngineLibraries.Found libraries,
            List<Path> preload,
            List<Path> places,
            Gpu gpu,
            Optional<String> notice,
            Optional<Lack> blind)
            implements CudaEngine {
        public Found {
            preload = List.copyOf(preload);
            places = List.copyOf(places);
        }
    }

    /// Something is missing or does not fit.
    ///
    /// @param gpu where there is one all the same
    record Absent(Lack lack, Optional<Gpu> gpu) implements CudaEngine {}

    /// What is missing.
    ///
    /// @param part driver, engine, code, runtime or cupti
    /// @param reason in one sentence without its full stop
    /// @param remedy what to do
    record Lack(String part, String reason, String remedy) {
        /// In one line.
        public String line() {
            return reason + "; " + remedy;
        }
    }

    /// A GPU.
    ///
    /// @param index as the driver counts
    /// @param capability for example 90 of compute capability 9.0
    /// @param driver version of the driver's interface, for example 13000 of CUDA 13.0
    record Gpu(int index, String name, int capability, long memoryBytes, int driver) {
        String architecture() {
            return "compute capability " + capability / 10 + "." + capability % 10;
        }
    }

    /// A GPU, or why there is none.
    sealed interface Device {
        record Present(Gpu gpu) implements Device {}

        record None(Lack lack) implements Device {}
    }

    /// Where the engine is told to come from when it is not in the image.
    String GET_ENGINE =
            "get a llama.cpp built for CUDA (the package @node-llama-cpp/linux-x64-cuda has one) and name its"
                    + " directory with --engine DIR";

    /// Asks the driver.
    ///
    /// @param index of the GPU
    static Device device(int index, Map<String, String> environment) {
        return switch (CudaDriver.open(places(environment))) {
            case CudaDriver.Outcome.Absent absent ->
                new Device.None(new Lack(
                        "driver",
                        absent.reason(),
                        "install NVIDIA's driver, or run on a machine with a GPU; --device cpu needs none"));
            case CudaDriver.Outcome.Ready ready -> device(index, ready.driver());
        };
    }

    private static Device device(int index, CudaDriver driver) {
        int devices = driver.devices();
        if (index >= devices) {
            return new Device.None(new Lack(
                    "driver",
                    "the driver sees " + devices + (devices == 1 ? " GPU" : " GPUs") + ", there is no gpu:" + index,
                    "choose one of gpu:0 to gpu:" + (devices - 1)));
        }
        int capability = driver.attribute(Attribute.COMPUTE_MAJOR, index) * 10
                + driver.attribute(Attribute.COMPUTE_MINOR, index);
        return new Device.Present(
                new Gpu(index, driver.name(index), capability, driver.memory(index), driver.version()));
    }

    /// Directories in which libraries of CUDA may lie: those that the loader is told of, then the usual ones.
    static List<Path> places(Map<String, String> environment) {
        Set<Path> places = new LinkedHashSet<>();
        for (String directory : environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1)) {
            if (!directory.isEmpty() && Files.isDirectory(Path.of(directory))) {
                places.add(Path.of(directory).toAbsolutePath());
            }
        }
        places.addAll(CudaPlaces.of(environment));
        return List.copyOf(places);
    }

    /// Looks at everything that is needed, without loading any of it.
    ///
    /// @param directory of the engine's libraries
    /// @param places of CUDA's
    static CudaEngine find(Path directory, List<Path> places, Device device) {
        return switch (device) {
            case Device.None none -> new Absent(none.lack(), Optional.empty());
            case Device.Present present -> find(directory, places, present.gpu());
        };
    }

    private static CudaEngine find(Path directory, List<Path> places, Gpu gpu) {
        Optional<Gpu> there = Optional.of(gpu);
        EngineLibraries engine = EngineLibraries.find(directory);
        if (engine instanceof EngineLibraries.Absent absent) {
            return new Absent(new Lack("engine", absent.reason(), GET_ENGINE), there);
        }
        Optional<Path> cuda = cuda(directory);
        if (cuda.isEmpty()) {
            return new Absent(
                    new Lack(
                            "engine",
                            "the engine in " + directory + " has no libggml-cuda.so: it computes on the CPU" + " alone",
                            GET_ENGINE),
                    there);
        }
        try {
            CudaLibrary library = CudaLibrary.read(cuda.orElseThrow());
            return lack(library, cuda.orElseThrow(), places, gpu)
                    .<CudaEngine>map(lack -> new Absent(lack, there))
                    .orElseGet(() -> new Found(
                            (EngineLibraries.Found) engine,
                            preload(library, places),
                            places,
                            gpu,
                            notice(library, gpu),
                            blind(places)));
        } catch (IOException e) {
            return new Absent(
                    new Lack("engine", "cannot read " + cuda.orElseThrow() + ": " + e.getMessage(), GET_ENGINE), there);
        }
    }

    /// The engine's library for CUDA in a directory.
    static Optional<Path> cuda(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("libggml-cuda"))
                    .sorted()
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Lack> lack(CudaLibrary library, Path file, List<Path> places, Gpu gpu) {
        return oldDriver(library, gpu).or(() -> missing(library, places)).or(() -> code(library, file, gpu));
    }

    /// The runtime's first number is that of the driver that it needs at least.
    private static Optional<Lack> oldDriver(CudaLibrary library, Gpu gpu) {
        return library.needed().stream()
                .filter(name -> name.matches("libcudart\\.so\\.\\d{1,4}"))
                .map(name -> Integer.parseInt(name.replaceFirst(".*\\.", "")))
                .filter(major -> major > gpu.driver() / 1000)
                .findFirst()
                .map(major -> new Lack(
                        "driver",
                        "the driver is too old: it offers CUDA " + version(gpu.driver()) + ", the engine needs "
                                + major,
                        "update the driver, or name an engine for CUDA " + gpu.driver() / 1000 + " with --engine DIR"));
    }

    private static Optional<Lack> missing(CudaLibrary library, List<Path> places) {
        return cudaOf(library)
                .filter(name -> in(places, name).isEmpty())
                .findFirst()
                .map(name -> new Lack(
                        "runtime",
                        "the engine needs " + name + ", which is in none of " + places.size() + " places",
                        "install it (pip install " + wheel(name) + ", or the CUDA toolkit), or name its directory in"
                                + " LD_LIBRARY_PATH"));
    }

    private static String wheel(String library) {
        String version = library.replaceFirst(".*\\.so\\.", "");
        String suffix = version.equals("12") ? "-cu12" : "";
        return (library.startsWith("libcudart") ? "nvidia-cuda-runtime" : "nvidia-cublas") + suffix;
    }

    private static Optional<Lack> code(CudaLibrary library, Path file, Gpu gpu) {
        if (library.units().isEmpty()
                || library.ready(gpu.capability()) + library.translatable(gpu.capability(), gpu.driver()) > 0) {
            return Optional.empty();
        }
        int newest = library.newestDriver();
        return Optional.of(new Lack(
                "code",
                file.getFileName() + " has no code that runs on " + gpu.name() + " (" + gpu.architecture()
                        + ") with a driver for CUDA " + version(gpu.driver()),
                newest > gpu.driver()
                        ? "update the driver to one for CUDA " + version(newest)
                                + ", which can translate it, or name an"
                                + " engine built for this GPU with --engine DIR"
                        : "name an engine built for this GPU with --engine DIR"));
    }

    private static Optional<String> notice(CudaLibrary library, Gpu gpu) {
        long ready = library.ready(gpu.capability());
        long translated = library.translatable(gpu.capability(), gpu.driver());
        long none = library.units().size() - ready - translated;
        if (none > 0 && !library.units().isEmpty()) {
            return Optional.of(
                    none + " of " + library.units().size() + " parts of the engine's library have no code for "
                            + gpu.name() + ": a model that needs one of them ends the engine");
        }
        return translated > 0
                ? Optional.of("the driver translates " + translated + " of "
                        + library.units().size()
                        + " parts of the engine's library for " + gpu.name()
                        + ": the first run takes a minute or two longer")
                : Optional.empty();
    }

    private static String version(int number) {
        return number / 1000 + "." + number % 1000 / 10;
    }

    private static Stream<String> cudaOf(CudaLibrary library) {
        return library.needed().stream().filter(name -> name.matches("lib(cudart|cublas|cublasLt)\\.so.*"));
    }

    /// What others of them need comes first.
    private static List<Path> preload(CudaLibrary library, List<Path> places) {
        List<Path> all = new ArrayList<>();
        for (String prefix : List.of("libcudart.", "libcublasLt.", "libcublas.")) {
            Stream.concat(
                            cudaOf(library),
                            cudaOf(library)
                                    .filter(name -> name.startsWith("libcublas."))
                                    .map(name -> name.replace("libcublas.", "libcublasLt.")))
                    .filter(name -> name.startsWith(prefix))
                    .distinct()
                    .flatMap(name -> in(places, name).stream())
                    .forEach(all::add);
        }
        return all;
    }

    private static Optional<Lack> blind(List<Path> places) {
        boolean there = Stream.of("libcupti.so.13", "libcupti.so.12", "libcupti.so")
                .anyMatch(name -> in(places, name).isPresent());
        return there
                ? Optional.empty()
                : Optional.of(new Lack(
                        "cupti",
                        String.format(Locale.ROOT, "no CUPTI in %d places", places.size()),
                        "install it (pip install nvidia-cuda-cupti, or the CUDA toolkit)"));
    }

    private static Optional<Path> in(List<Path> places, String name) {
        return places.stream()
                .map(place -> place.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
