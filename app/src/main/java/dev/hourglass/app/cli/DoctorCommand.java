package dev.hourglass.app.cli;

import dev.hourglass.device.doctor.Check;
import dev.hourglass.device.doctor.Doctor;
import dev.hourglass.device.llama.CudaEngine;
import dev.hourglass.device.llama.EngineLibraries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `hourglass doctor`.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "What can be captured on this machine, what not and why, and how to enable it. Changes nothing.",
            ""
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int NAME = 25;

    private static final String ON_GPU = "profiling decode on a GPU, and half on it";
    private static final String WORK_OF_GPU = "what the GPU does in each token, its copies, launches and waits";

    @Option(names = "--engine", paramLabel = "DIR", description = "Look at llama.cpp's libraries in this directory.")
    private @Nullable Path engine;

    @Override
    public Integer call() throws InterruptedException {
        List<Check> checks = Doctor.examine(engine(), onGpu(), Path.of("").toAbsolutePath());
        groups(checks).forEach(DoctorCommand::print);
        long missing = count(checks, Check.State.UNAVAILABLE);
        long limited = count(checks, Check.State.LIMITED);
        System.out.println();
        System.out.println(count(checks, Check.State.OK) + " ok, " + limited + " limited, " + missing + " unavailable");
        return 0;
    }

    private Path directory() {
        return engine == null ? Home.engine() : engine;
    }

    private List<Doctor.Part> onGpu() {
        List<Path> places = CudaEngine.places(System.getenv());
        return switch (CudaEngine.find(directory(), places, CudaEngine.device(0, System.getenv()))) {
            case CudaEngine.Absent absent ->
                List.of(part(
                        "engine.cuda",
                        "engine for a GPU",
                        absent.lack().reason(),
                        ON_GPU,
                        absent.lack().remedy()));
            case CudaEngine.Found found ->
                List.of(
                        part(
                                "engine.cuda",
                                "engine for a GPU",
                                found.gpu().name()
                                        + found.notice()
                                                .map(notice -> "; " + notice)
                                                .orElse(""),
                                ON_GPU,
                                ""),
                        found.blind()
                                .map(lack -> part("gpu.cupti", "CUPTI", lack.reason(), WORK_OF_GPU, lack.remedy()))
                                .orElseGet(() -> part("gpu.cupti", "CUPTI", "found", WORK_OF_GPU, "")));
        };
    }

    private static Doctor.Part part(String id, String name, String detail, String use, String remedy) {
        return new Doctor.Part(id, name, detail, use, remedy.isEmpty() ? Optional.empty() : Optional.of(remedy));
    }

    private Doctor.Engine engine() {
        return switch (EngineLibraries.find(directory())) {
            case EngineLibraries.Found found ->
                new Doctor.Engine("llama.cpp " + found.version() + " in " + found.directory(), Optional.empty());
            case EngineLibraries.Absent absent -> new Doctor.Engine("", Optional.of(absent.reason()));
        };
    }

    /// Neighbours of which the same is to be said, such as the counters of one missing unit.
    private static List<List<Check>> groups(List<Check> checks) {
        List<List<Check>> groups = new ArrayList<>();
        for (Check check : checks) {
            if (!groups.isEmpty() && alike(groups.getLast().getLast(), check)) {
                groups.getLast().add(check);
            } else {
                groups.add(new ArrayList<>(List.of(check)));
            }
        }
        return groups;
    }

    private static boolean alike(Check a, Check b) {
        return a.state() == b.state()
                && a.state() != Check.State.OK
                && a.detail().equals(b.detail())
                && a.enable().equals(b.enable());
    }

    private static void print(List<Check> group) {
        Check check = group.getFirst();
        String mark = switch (check.state()) {
            case OK -> "ok          ";
            case LIMITED -> "limited     ";
            case UNAVAILABLE -> "unavailable ";
        };
        String name = group.size() == 1 ? check.name() : group.size() + " events";
        String head = mark + String.format("%-" + NAME + "s ", name);
        List<String> detail = Terminal.wrap(Terminal.plain(check.detail()), "", Terminal.columns() - head.length());
        System.out.println(head + detail.getFirst());
        detail.stream().skip(1).forEach(line -> System.out.println(" ".repeat(head.length()) + line.strip()));
        if (group.size() > 1) {
            more(joined(group, Check::name, ", "), head.length());
        }
        if (check.state() != Check.State.OK) {
            more("needed for: " + joined(group, Check::neededFor, "; "), head.length());
            check.enable().ifPresent(how -> more("to enable:  " + how, head.length()));
        }
    }

    private static String joined(List<Check> group, Function<Check, String> part, String separator) {
        return group.stream().map(part).distinct().collect(Collectors.joining(separator));
    }

    private static void more(String text, int indent) {
        Terminal.wrap(Terminal.plain(text), " ".repeat(indent), Terminal.columns())
                .forEach(System.out::println);
    }

    private static long count(List<Check> checks, Check.State state) {
        return checks.stream().filter(check -> check.state() == state).count();
    }
}
