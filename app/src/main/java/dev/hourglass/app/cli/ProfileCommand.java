package dev.hourglass.app.cli;

import dev.hourglass.app.record.DecodeRecorder;
import dev.hourglass.app.record.DeviceRecorder;
import dev.hourglass.app.record.DeviceWords;
import dev.hourglass.app.record.KilledRuns;
import dev.hourglass.app.record.ProfileRequest;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.file.UserCache;
import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.core.model.synthetic.Shapes;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.core.text.Nearest;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.llama.EngineLibraries;
import dev.hourglass.device.llama.EngineOutcome;
import dev.hourglass.device.llama.Granularity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `hourglass profile`: records decode on this machine and explains it.
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Profile the decode phase of a model on this machine: where each token's time goes.",
            "",
            "Without --model, a model with random weights is generated at a published layer shape, so that"
                    + " nothing needs to be downloaded. It runs in llama.cpp, on the CPU or on a GPU. Random weights"
                    + " compute at the speed of real ones, but say nothing of a real router's preferences.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  hourglass profile                                     Qwen3-30B-A3B's layers, as many as fit",
            "  hourglass profile --shape mixtral-8x7b --layers 2",
            "  hourglass profile --model FILE.gguf --context 4096    your own model, dense ones too",
            "  hourglass profile --granularity stage                 the engine's own fusion left intact",
            "  hourglass profile --device hybrid --engine DIR        experts on the CPU, the rest on a GPU",
            "",
            "It leaves a session directory: report.html and report.md to read, summary.json and csv/ for programs,"
                    + " session.duckdb for `hourglass sql`. Ctrl-C ends the run and reports what was measured."
        })
final class ProfileCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

    @Option(names = "--shape", paramLabel = "NAME", description = "Layer shape to generate. Default: qwen3-30b-a3b.")
    private @Nullable String shape;

    @Option(names = "--list-shapes", description = "List the shapes and end.")
    private boolean listShapes;

    @Option(names = "--model", paramLabel = "FILE", description = "Profile this GGUF file instead.")
    private @Nullable Path model;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Layers of the shape. Default: as many as fit into 3.2 GB of weights and half of the free"
                    + " memory.")
    private @Nullable Integer layers;

    @Option(
            names = "--quantization",
            paramLabel = "TYPE",
            description = "Number format of generated weights, for example q4_0, q8_0, f16. Default: the shape's own.")
    private @Nullable String quantization;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Profiled tokens; as many unprofiled ones alternate with them. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "8",
            description = "Tokens before the measured ones. Default: ${DEFAULT-VALUE}.")
    private int warmup;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens in the KV cache when measuring begins; T_token depends on it. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int context;

    @Option(names = "--threads", paramLabel = "N", description = "Compute threads. Default: the physical cores.")
    private @Nullable Integer threads;

    @Option(
            names = "--granularity",
            paramLabel = "node|stage",
            defaultValue = "node",
            converter = GranularityConverter.class,
            description = "Time every graph node, or runs of nodes of one component with the norm before them, which"
                    + " costs less. Default: ${DEFAULT-VALUE}.")
    private Granularity granularity = Granularity.NODE;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of weights, prompt and sampling. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--device",
            paramLabel = "WHERE",
            defaultValue = "auto",
            description =
                    "auto, cpu, gpu, gpu:N, or hybrid: the GPU with experts on the CPU. auto takes a GPU if there is"
                            + " one and an engine for it. Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    @Option(names = "--engine", paramLabel = "DIR", description = "Use llama.cpp's libraries from this directory.")
    private @Nullable Path engine;

    @Option(
            names = "--experts",
            paramLabel = "WHERE",
            defaultValue = "",
            description = "Where experts are: gpu, cpu, cpu-pinned, cpu-repacked (fastest there), or fetch: in memory,"
                    + " copied to the GPU whenever one is needed.")
    private String experts = "";

    @Option(names = "--gpu-layers", paramLabel = "N", description = "Layers on the GPU. Default: all, if they fit.")
    private @Nullable Integer gpuLayers;

    @Option(
            names = "--experts-on-gpu",
            paramLabel = "LAYERS",
            defaultValue = "",
            description = "Layers whose experts are on the GPU though others' are not, for example 0-11,24.")
    private String expertsOnGpu = "";

    @Option(names = "--keep-raw", description = "Keep what CUPTI recorded as it came, in raw/ of the session.")
    private boolean keepRaw;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Session directory. Default: a new one below ./hourglass-sessions.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace the session that stands in DIR.")
    private boolean force;

    @Option(names = "--json", description = "Print summary.json instead of the table.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (listShapes) {
            return printShapes();
        }
        ProfileRequest request = request();
        EngineLibraries.Found libraries = libraries();
        Console console = Console.standardError();
        Optional<DeviceRecorder.Engine> onGpu = DeviceWords.engine(
                request.device(), libraries.directory(), UserCache.directory("cuda"), System.getenv(), console);
        Path place = place(request).toAbsolutePath();
        KilledRuns.finish(place.resolveSibling(""), console::warn);
        try (SessionDirectory directory = SessionDirectory.claim(place, force)) {
            DecodeRecorder recorder =
                    new DecodeRecorder(request, libraries, onGpu, UserCache.directory("models"), console);
            directory.finishedByUser();
            Interruption.call(recorder::stop);
            EngineOutcome outcome = recorder.record(directory.growing());
            return finish(outcome, directory, console);
        }
    }

    private int finish(EngineOutcome outcome, SessionDirectory directory, Console console) throws IOException {
        int measured = switch (outcome) {
            case EngineOutcome.Refused refused -> throw new UserException(refused.message());
            case EngineOutcome.Completed completed -> completed.tokens();
            case EngineOutcome.Stopped halted -> halted.tokens();
            case EngineOutcome.Crashed crashed -> crashed.tokens();
        };
        if (measured == 0) {
            console.finished();
            return nothingMeasured(outcome);
        }
        Explained explained = Explained.of(directory.growing().directory());
        SessionReports.write(explained, directory.growing());
        console.finished();
        directory.publish();
        print(explained.report(), directory.target());
        if (outcome instanceof EngineOutcome.Crashed crashed) {
            System.err.println(
                    "hourglass: " + crashed.how() + " after " + measured + " profiled tokens; they are in the session");
            return Main.FAILED;
        }
        return 0;
    }

    private static int nothingMeasured(EngineOutcome outcome) {
        if (outcome instanceof EngineOutcome.Crashed crashed) {
            crashed.logTail().lines().forEach(line -> System.err.println("  " + Terminal.plain(line)));
            System.err.println("hourglass: " + crashed.how() + " before a token was measured; above are the"
                    + " last lines of its log");
            return Main.FAILED;
        }
        System.err.println("hourglass: stopped before a token was measured; nothing was kept");
        return INTERRUPTED;
    }

    private void print(Report report, Path session) throws IOException {
        if (json) {
            Output.data(Files.readString(session.resolve("summary.json")));
            return;
        }
        System.out.print(TextReport.summary(report, Terminal.width()));
        System.out.println();
        System.out.println("Session: " + SessionPlace.shown(session));
        System.out.println("Report:  " + SessionPlace.shown(session.resolve("report.html")));
    }

    private ProfileRequest request() {
        positive("--tokens", tokens);
        positive("--warmup", warmup);
        positive("--context", context);
        positive("--layers", layers);
        positive("--threads", threads);
        positive("--gpu-layers", gpuLayers);
        return new ProfileRequest(
                subject(),
                tokens,
                warmup,
                context,
                optional(threads),
                granularity,
                seed,
                commandLine(),
                DeviceWords.read(device, optional(gpuLayers), experts, expertsOnGpu, keepRaw));
    }

    private ProfileRequest.Subject subject() {
        if (model == null) {
            return new ProfileRequest.Subject.Generated(
                    shape(shape == null ? Shapes.DEFAULT.name() : shape), optional(layers), format());
        }
        if (shape != null || layers != null || quantization != null) {
            throw new UserException("--shape, --layers and --quantization describe a generated model; --model brings"
                    + " its own: leave one side out");
        }
        return new ProfileRequest.Subject.ModelFile(model);
    }

    private static Shape shape(String name) {
        return Shapes.find(name.toLowerCase(Locale.ROOT)).orElseThrow(() -> {
            List<String> near =
                    Nearest.of(name, Shapes.all().stream().map(Shape::name).toList());
            return new UserException("unknown shape " + Terminal.plain(name) + "; "
                    + (near.isEmpty()
                            ? "`hourglass profile --list-shapes` lists them"
                            : "did you mean " + String.join(", ", near) + "?"));
        });
    }

    private Optional<GgmlType> format() {
        if (quantization == null) {
            return Optional.empty();
        }
        String wanted = quantization;
        return Optional.of(Arrays.stream(GgmlType.values())
                .filter(type -> type.name().equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> new UserException("unknown quantization " + Terminal.plain(wanted)
                        + "; did you mean "
                        + String.join(
                                ", ",
                                Nearest.of(
                                        wanted.toUpperCase(Locale.ROOT),
                                        Arrays.stream(GgmlType.values())
                                                .map(Enum::name)
                                                .toList()))
                        + "?")));
    }

    private EngineLibraries.Found libraries() {
        return switch (EngineLibraries.find(engine == null ? Home.engine() : engine)) {
            case EngineLibraries.Found found -> found;
            case EngineLibraries.Absent absent -> throw new UserException(absent.reason());
        };
    }

    private Path place(ProfileRequest request) {
        if (output != null) {
            return output;
        }
        String name = switch (request.subject()) {
            case ProfileRequest.Subject.Generated generated -> generated.shape().name();
            case ProfileRequest.Subject.ModelFile file ->
                String.valueOf(file.file().getFileName()).replaceFirst("\\.gguf$", "");
        };
        return SessionPlace.fresh(name);
    }

    private String commandLine() {
        return "hourglass profile "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }

    private static OptionalInt optional(@Nullable Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static void positive(String option, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw new UserException(option + " must be at least 1, not " + value);
        }
    }

    /// Tells the choices in the words that are typed.
    private static final class GranularityConverter implements ITypeConverter<Granularity> {
        @Override
        public Granularity convert(String word) {
            return switch (word.toLowerCase(Locale.ROOT)) {
                case "node" -> Granularity.NODE;
                case "stage" -> Granularity.STAGE;
                default -> throw new TypeConversionException("must be node or stage, not " + Terminal.plain(word));
            };
        }
    }

    private static int printShapes() {
        System.out.printf(
                "%-18s %-20s %6s %8s %5s  %-8s %10s%n",
                "shape", "model", "layers", "experts", "top-k", "weights", "per layer");
        for (Shape shape : Shapes.all()) {
            System.out.printf(
                    "%-18s %-20s %6d %8s %5s  %-8s %10s%n",
                    shape.name(),
                    shape.title(),
                    shape.layersFull(),
                    shape.mixtureOfExperts() ? String.valueOf(shape.experts()) : "dense",
                    shape.mixtureOfExperts() ? String.valueOf(shape.expertsUsed()) : "-",
                    shape.quantization(),
                    Format.value((double) shape.layerBytes(shape.quantization()), Unit.BYTES));
        }
        return 0;
    }
}
