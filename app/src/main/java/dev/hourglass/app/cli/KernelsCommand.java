package dev.hourglass.app.cli;

import dev.hourglass.app.bench.BenchJson;
import dev.hourglass.app.bench.BenchProgress;
import dev.hourglass.app.bench.Benchmarks;
import dev.hourglass.app.bench.KeptCeilings;
import dev.hourglass.app.bench.KernelComparison;
import dev.hourglass.app.bench.KernelPlan;
import dev.hourglass.app.bench.KernelTable;
import dev.hourglass.app.bench.Measured;
import dev.hourglass.app.bench.ModelShapes;
import dev.hourglass.app.bench.ShapeRanges;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.BenchRows;
import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.bench.process.BenchJob;
import dev.hourglass.device.bench.process.BenchOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass kernels`.
@Command(
        name = "kernels",
        mixinStandardHelpOptions = true,
        subcommands = KernelsCommand.Compare.class,
        description = {
            "Time single operators of LLM inference at any shape, each checked against double precision, and hold them",
            "against the measured roof."
        },
        footer = {
            "",
            "Operators are timed in turn, four at a time, until the median is known to 1 %, more",
            "samples no longer help, or --seconds are over. cold: inputs lie in memory before",
            "each call; hot: in a cache as far as they fit. Ctrl-C keeps what was measured.",
            "",
            "Examples:",
            "  hourglass kernels --list                             operators, axes, number formats",
            "  hourglass kernels --op gemm --shape M=1:4096:*2 --shape K=1024,4096",
            "  hourglass kernels --op gemm,rmsnorm --device cpu --hot",
            "  hourglass kernels --model config.json --batch 1,8,64 --prompt 512",
            "  hourglass kernels --op gemm -o DIR                   as a session: every sample, CSV, JSON",
            "  hourglass kernels compare DIR DIR2                   SAME, FASTER, SLOWER, UNCLEAR"
        })
final class KernelsCommand implements Callable<Integer> {
    private static final int MILLI = 1_000;

    @Option(names = "--op", paramLabel = "LIST", split = ",", description = "Operators. Default: all, or the model's.")
    private List<String> ops = new ArrayList<>();

    @Option(
            names = "--shape",
            paramLabel = "AXIS=RANGE",
            description =
                    "Sizes: a number, a list 1024,4096, a range 1:4096:*2 or 128:1024:128. For several axes, again.")
    private List<String> shapes = new ArrayList<>();

    @Option(
            names = "--dtype",
            paramLabel = "LIST",
            split = ",",
            description = "Number formats. Default: the first of each operator.")
    private List<String> dtypes = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "CONFIG",
            description = "Take operators and shapes from this model's configuration: decode steps and a prefill.")
    private @Nullable Path model;

    @Option(
            names = "--batch",
            paramLabel = "LIST",
            split = ",",
            description = "With --model: sequences of the decode steps. Default: 1,8,32.")
    private List<Long> batches = new ArrayList<>(List.of(1L, 8L, 32L));

    @Option(names = "--prompt", paramLabel = "N", description = "With --model: tokens of the prefill. Default: 512.")
    private long prompt = 512;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "With --model: tokens that are cached at a decode step. Default: 4096.")
    private long context = 4096;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "auto, cpu, gpu, gpu:N or all. Default: auto, the first GPU or else the processor.")
    private String device = "auto";

    @Option(names = "--cold", description = "Only with inputs in memory.")
    private boolean cold;

    @Option(names = "--hot", description = "Only with inputs in a cache, as far as they fit.")
    private boolean hot;

    @Option(names = "--both", description = "Cold and hot: the default.")
    private boolean both;

    @Option(names = "--seconds", paramLabel = "X", description = "At most for one operator. Default: 1.")
    private double seconds = 1;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Also make a session there: every sample, kernels.json, kernels.csv.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace a session that stands there.")
    private boolean force;

    @Option(names = "--list", description = "List the operators with their axes and number formats.")
    private boolean list;

    @Option(names = "--json", description = "JSON: kernels, not_measured.")
    private boolean json;

    @Mixin
    private CsvOptions csv = new CsvOptions();

    @Override
    public Integer call() throws IOException {
        if (!(seconds > 0)) {
            throw new UserException("--seconds is above 0, not " + seconds);
        }
        List<Measured> measured = new ArrayList<>();
        for (String each : Devices.present(device)) {
            List<Backend.Offer> offers = offers(each);
            if (list) {
                System.out.print(TextReport.blocks(List.of(table(each, offers)), Terminal.width()));
            } else {
                measured.add(measure(each, items(each, offers)));
            }
        }
        return list ? 0 : show(measured);
    }

    private List<Backend.Offer> offers(String each) throws IOException {
        BenchJob job = new BenchJob(BenchJob.Kind.OFFERS, each, true, 0, List.of(), List.of());
        return switch (Benchmarks.run(job, new Measured(), (what, done, of, left) -> {}, Interruption::during)) {
            case BenchOutcome.Completed done -> done.offers();
            case BenchOutcome.Refused refused -> throw new UserException(refused.reason());
            case BenchOutcome.Crashed crashed -> throw new UserException(each + ": " + crashed.how());
        };
    }

    private static Block.Table table(String each, List<Backend.Offer> offers) {
        return new Block.Table(
                "Operators of " + each + ", with the sizes that they have unless told.",
                List.of("op", "what", "axes", "number formats"),
                offers.stream()
                        .map(offer -> List.of(
                                Cell.text(offer.op()),
                                Cell.text(offer.what()),
                                Cell.text(BenchRows.axes(offer.axes())),
                                Cell.text(String.join(", ", offer.dtypes()))))
                        .toList());
    }

    private List<BenchJob.Item> items(String each, List<Backend.Offer> offers) {
        KernelPlan plan = new KernelPlan(each, offers, dtypes, caches());
        try {
            if (model == null) {
                return plan.of(ops, ShapeRanges.parse(shapes));
            }
            if (!shapes.isEmpty()) {
                throw new UserException("--model says the shapes; --shape goes with --op");
            }
            Model read = ModelReader.read(model);
            return plan.of(ModelShapes.of(read, batches, prompt, context), ops);
        } catch (IllegalArgumentException e) {
            throw new UserException(String.valueOf(e.getMessage()));
        }
    }

    private List<Work.Cache> caches() {
        return both || cold == hot
                ? List.of(Work.Cache.COLD, Work.Cache.HOT)
                : List.of(cold ? Work.Cache.COLD : Work.Cache.HOT);
    }

    private Measured measure(String each, List<BenchJob.Item> items) throws IOException {
        Measured of = new Measured();
        Optional<KeptCeilings> kept = KeptCeilings.valid(each);
        List<Ceiling> known = kept.map(KeptCeilings::ceilings).orElse(List.of());
        System.err.println(each + ": " + items.size() + (items.size() == 1 ? " shape" : " shapes") + ", at most "
                + Math.round(items.size() * seconds) + " s; ceilings measured "
                + kept.map(KeptCeilings::age).orElse("first, because none are kept"));
        kept.ifPresent(k -> k.write(of, List.of()));
        BenchJob job = new BenchJob(
                BenchJob.Kind.KERNELS,
                each,
                true,
                (int) Math.clamp(seconds * MILLI, 1, Integer.MAX_VALUE),
                items,
                known);
        try (BenchProgress progress = new BenchProgress(each, Output.drawing())) {
            switch (Benchmarks.run(job, of, progress, Interruption::during)) {
                case BenchOutcome.Refused refused -> throw new UserException(refused.reason());
                case BenchOutcome.Crashed crashed ->
                    System.err.println(
                            "hourglass: " + Terminal.plain(crashed.how()) + "; what was measured before is kept");
                case BenchOutcome.Completed done -> keep(each, of, kept.isPresent());
            }
        }
        return of;
    }

    private static void keep(String each, Measured of, boolean known) throws IOException {
        if (!known) {
            Benchmarks.keep(each, of);
        }
    }

    private int show(List<Measured> measured) throws IOException {
        if (output != null) {
            Path place = output.toAbsolutePath();
            Benchmarks.session(place, force, measured, directory -> {
                WholeFile.write(directory.resolve("kernels.json"), BenchJson.kernels(measured));
                WholeFile.write(
                        directory.resolve("kernels.csv"), KernelTable.csv(measured, CsvLines.Formulas.DISARMED));
            });
            System.err.println("Session: " + SessionPlace.shown(place));
        }
        if (json) {
            Output.data(BenchJson.kernels(measured));
        } else if (csv.wanted()) {
            Output.data(KernelTable.csv(measured, csv.formulas()));
        } else {
            System.out.print(TextReport.blocks(KernelTable.blocks(measured), Terminal.width()));
        }
        return KernelTable.rows(measured).isEmpty()
                        && measured.stream()
                                .anyMatch(m -> !m.rows(Tables.NOT_MEASURED).isEmpty())
                ? Main.FAILED
                : 0;
    }

    @Command(
            name = "compare",
            mixinStandardHelpOptions = true,
            description = "Which operators became faster or slower from one run to another.")
    static final class Compare implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "BASE", description = "Session of kernels, or its kernels.json.")
        private Path base = Path.of(".");

        @Parameters(index = "1", paramLabel = "CANDIDATE", description = "The same of what it is compared with.")
        private Path candidate = Path.of(".");

        @Option(names = "--fail-on-slower", description = "Exit code 1 if any operator is slower.")
        private boolean fail;

        @Override
        public Integer call() throws IOException {
            KernelComparison comparison = KernelComparison.of(rows(base), rows(candidate));
            System.out.print(TextReport.blocks(comparison.blocks(), Terminal.width()));
            return fail && comparison.slower() ? Main.FAILED : 0;
        }

        private static List<Measured.Row> rows(Path from) throws IOException {
            List<Measured.Row> rows = new SessionLayout(from).isSession() ? ofSession(from) : ofJson(from);
            if (rows.isEmpty()) {
                throw new UserException(from + " holds no timed operators; `hourglass kernels -o DIR` makes some");
            }
            return rows;
        }

        private static List<Measured.Row> ofJson(Path from) throws IOException {
            if (!Files.isRegularFile(from)) {
                throw new UserException(from + " is neither a session nor a kernels.json");
            }
            try (InputStream in = Files.newInputStream(from)) {
                return JsonTree.objects(JsonTree.object(in), "kernels").stream()
                        .map(Measured.Row::new)
                        .toList();
            }
        }

        private static List<Measured.Row> ofSession(Path from) throws IOException {
            try (Session session = Session.open(from)) {
                Rows found = session.query(VerbQueries.text("kernels"));
                List<Measured.Row> rows = new ArrayList<>();
                for (int r = 0; r < found.size(); r++) {
                    Map<String, @Nullable Object> values = new LinkedHashMap<>();
                    for (String column : found.columns()) {
                        values.put(column, found.value(r, column));
                    }
                    rows.add(new Measured.Row(values));
                }
                return rows;
            }
        }
    }
}
