package dev.hourglass.device.doctor;

import dev.hourglass.device.host.IdleCores;
import dev.hourglass.device.host.KernelFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Examines what can be captured on this machine, what not, why, and how to enable it. Takes about a
/// third of a second, most of it to see which cores are idle; changes nothing.
public final class Doctor {
    private Doctor() {}

    /// What the caller knows of the engine's libraries.
    ///
    /// @param detail name, version and place of what was found
    /// @param problem why it cannot be used; empty where it can
    public record Engine(String detail, Optional<String> problem) {}

    /// Something else that the caller looked for.
    ///
    /// @param id as of a [Check]
    /// @param name for people
    /// @param detail what was found, or why it cannot be used
    /// @param use what is lost without it
    /// @param remedy how to get it; empty where it is there
    public record Part(String id, String name, String detail, String use, Optional<String> remedy) {
        private Check check() {
            return remedy.isPresent()
                    ? Check.unavailable(id, name, detail, use, remedy)
                    : Check.ok(id, name, detail, use);
        }
    }

    /// As below, with nothing else.
    public static List<Check> examine(Engine engine, Path output) throws InterruptedException {
        return examine(engine, List.of(), output);
    }

    /// @param engine the embedded engine
    /// @param parts what else the caller looked for
    /// @param output directory below which sessions are written; need not exist
    /// @return in reading order, one check per id
    public static List<Check> examine(Engine engine, List<Part> parts, Path output) throws InterruptedException {
        KernelFiles files = KernelFiles.system();
        List<Check> checks = new ArrayList<>();
        checks.add(engine(engine));
        parts.forEach(part -> checks.add(part.check()));
        checks.addAll(CpuChecks.all(files, IdleCores.measure(Duration.ofMillis(250))));
        checks.addAll(HostChecks.all(files, output));
        checks.addAll(PerfChecks.all(files));
        checks.addAll(GpuChecks.all(files));
        return List.copyOf(checks);
    }

    private static Check engine(Engine engine) {
        String use = "running llama.cpp models; without it nothing can be profiled on the CPU";
        return engine.problem()
                .map(why -> Check.unavailable("engine.library", "engine library", why, use, Optional.empty()))
                .orElseGet(() -> Check.ok("engine.library", "engine library", engine.detail(), use));
    }
}
