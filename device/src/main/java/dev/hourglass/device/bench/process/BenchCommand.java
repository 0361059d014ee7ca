package dev.hourglass.device.bench.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of a process of benchmarks.
///
/// A shell in front makes it deaf to the terminal's interrupt, and puts the pipe to the parent on descriptor 3, so
/// that
/// whatever native code prints does not get between the rows.
final class BenchCommand {
    static final Path PIPE = Path.of("/proc/self/fd/3");

    private static final String WRAP = "trap '' INT; ulimit -c 0; exec 3>&1 1>&2; exec \"$@\"";
    /// Arrays of operators live in the heap: as much as half of the memory.
    private static final String HEAP = "-XX:MaxRAMPercentage=50";

    private BenchCommand() {}

    /// Both compilers, whatever this process has: loops are timed.
    static List<String> of() {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WRAP, "hourglass-bench"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xrs",
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=/dev/null",
                "-Xlog:disable",
                "-Xlog:all=error:stderr"));
        command.addAll(program());
        return command;
    }

    private static List<String> program() {
        Module module = BenchCommand.class.getModule();
        String main = BenchMain.class.getName();
        return module.isNamed()
                ? List.of(
                        "--enable-native-access=" + module.getName(),
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--module",
                        module.getName() + "/" + main)
                : List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), main);
    }
}
