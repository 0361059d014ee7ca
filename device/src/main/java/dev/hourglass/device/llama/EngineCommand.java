package dev.hourglass.device.llama;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The command line of the engine's process, and back.
///
/// A shell between the two makes the process deaf to the terminal's interrupt, and puts the pipe to
/// the recorder on descriptor 3, so that whatever native code prints goes into the log.
final class EngineCommand {
    static final Path PIPE = Path.of("/proc/self/fd/3");

    private static final String WRAP = "trap '' INT; ulimit -c 0; exec 3>&1 1>&2; exec \"$@\"";

    private static final long HEAP_MB = 512;

    /// Where the arguments of a run that uses a GPU begin.
    private static final int PLACEMENT = 10;

    private EngineCommand() {}

    static List<String> of(EngineRequest request, EngineLibraries.Found libraries, Path log) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WRAP, "hourglass-engine"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(runtimeOptions(log));
        command.addAll(program());
        command.addAll(arguments(request, libraries, spool(log)));
        return command;
    }

    /// Of a run that uses a GPU: the same, and behind it where the model goes, how steps are observed, what is loaded
    /// before the engine's library, and where CUPTI may lie.
    static List<String> of(DeviceRequest request, EngineLibraries.Found libraries, Path log) {
        List<String> command = new ArrayList<>(of(request.run(), libraries, log));
        command.add(request.placement().text());
        command.add(request.observing().name());
        command.add(DeviceRequest.activities(log).toAbsolutePath().toString());
        command.add(joined(request.preload()));
        command.add(joined(request.places()));
        return command;
    }

    private static String joined(List<Path> paths) {
        return String.join(
                File.pathSeparator, paths.stream().map(Path::toString).toList());
    }

    private static List<Path> paths(String joined) {
        return Stream.of(joined.split(File.pathSeparator, -1))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .toList();
    }

    static Optional<DeviceRequest> deviceRequest(String[] args) {
        return args.length <= PLACEMENT
                ? Optional.empty()
                : Optional.of(new DeviceRequest(
                        request(args),
                        Placement.parse(args[PLACEMENT]),
                        Observing.valueOf(args[PLACEMENT + 1]),
                        paths(args[PLACEMENT + 3]),
                        paths(args[PLACEMENT + 4])));
    }

    static Path activities(String[] args) {
        return Path.of(args[PLACEMENT + 2]);
    }

    /// Both compilers: what runs at every stop is short only when it is optimised as a whole. They have done their
    /// work when warming up is over, see [EngineRun]. This process knows the limit of memory: the heap stays below
    /// its own.
    private static List<String> runtimeOptions(Path log) {
        return List.of(
                "-Xrs",
                "-Xmx" + Math.min(HEAP_MB, Runtime.getRuntime().maxMemory() >> 20) + "m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=" + log.toAbsolutePath() + ".crash",
                "-Xlog:disable",
                "-Xlog:all=error:stderr");
    }

    private static List<String> program() {
        Module module = EngineCommand.class.getModule();
        String main = EngineMain.class.getName();
        if (module.isNamed()) {
            return List.of(
                    "--enable-native-access=" + module.getName(),
                    "--module-path",
                    System.getProperty("jdk.module.path"),
                    "--module",
                    module.getName() + "/" + main);
        }
        return List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), main);
    }

    private static List<String> arguments(EngineRequest r, EngineLibraries.Found libraries, Path spool) {
        return List.of(
                libraries.directory().toAbsolutePath().toString(),
                r.model().toAbsolutePath().toString(),
                String.valueOf(r.tokens()),
                String.valueOf(r.warmup()),
                String.valueOf(r.context()),
                String.valueOf(r.threads()),
                r.granularity().name(),
                String.valueOf(r.seed()),
                String.valueOf(r.barrierSteps()),
                spool.toAbsolutePath().toString());
    }

    static EngineRequest request(String[] args) {
        return new EngineRequest(
                Path.of(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                Integer.parseInt(args[4]),
                Integer.parseInt(args[5]),
                Granularity.valueOf(args[6]),
                Long.parseLong(args[7]),
                Integer.parseInt(args[8]));
    }

    /// Where the engine whose log this is keeps its rows until it ends.
    static Path spool(Path log) {
        return log.resolveSibling(log.getFileName() + ".rows");
    }

    static Path spool(String[] args) {
        return Path.of(args[9]);
    }

    static Path libraries(String[] args) {
        return Path.of(args[0]);
    }
}
