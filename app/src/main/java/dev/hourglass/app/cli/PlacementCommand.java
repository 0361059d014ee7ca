package dev.hourglass.app.cli;

import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.CsvTable;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.placement.CachePolicy;
import dev.hourglass.core.placement.ExpertCosts;
import dev.hourglass.core.placement.ExpertRun;
import dev.hourglass.core.placement.PlacementOracle;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass placement`.
@Command(
        name = "placement",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Which experts a GPU's memory should hold: from the experts that a recorded run chose, for budgets of memory, how"
                    + " often an expert would have been there, what a token would have taken, and what sets it up.",
            "Needs no GPU. pin, even and layers stay as they are, and what is missing is computed on the CPU; lru, lfu and"
                    + " belady copy what is missing. belady knows the future: no policy hits more.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  hourglass placement SESSION",
            "  hourglass placement SESSION --budget 4 --budget 8 --expert-gpu-us 2 --expert-copy-us 51",
            "  hourglass placement SESSION --policy layers --csv"
        })
final class PlacementCommand implements Callable<Integer> {
    private static final double GIGA = 1e9;
    private static final double US_PER_S = 1e6;
    private static final double[] SHARES = {0.1, 0.25, 0.5, 0.75, 1};
    private static final String ALL = "all";
    private static final String NOTHING = "-";

    @Parameters(paramLabel = "SESSION", description = "Session directory.")
    private Path directory = Path.of(".");

    @Option(
            names = "--budget",
            paramLabel = "GB",
            description = "Memory of the GPU for experts; may be repeated. Default: a tenth to all of them.")
    private List<Double> budgets = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            defaultValue = ALL,
            description = "all, pin, even, layers, lru, lfu or belady. Default: ${DEFAULT-VALUE}.")
    private String policy = ALL;

    @Option(
            names = "--expert-cpu-us",
            paramLabel = "US",
            description = "Computing one expert on the CPU. Default: as the session measured it.")
    private @Nullable Double cpuUs;

    @Option(names = "--expert-gpu-us", paramLabel = "US", description = "Computing one expert on the GPU.")
    private @Nullable Double gpuUs;

    @Option(
            names = "--expert-copy-us",
            paramLabel = "US",
            description = "Copying one expert to the GPU. Default: by the fastest large copies of the session.")
    private @Nullable Double copyUs;

    @Option(
            names = "--rest-us",
            paramLabel = "US",
            description = "What else a token takes. Default: T_token of the session less its experts on the CPU.")
    private @Nullable Double restUs;

    @Mixin
    private final CsvOptions csv = new CsvOptions();

    @Override
    public Integer call() {
        List<CachePolicy> policies = policies();
        if (!new SessionLayout(directory).isSession()) {
            throw new UserException(directory + " is not a session: it has no session.duckdb");
        }
        ExpertRun run;
        try (Session session = Session.open(directory)) {
            run = ExpertRun.read(session)
                    .orElseThrow(
                            () -> new UserException(directory + " holds no choices of experts, or not the same number"
                                    + " for each layer and token; record a mixture of experts with hourglass profile, or an engine"
                                    + " with hourglass run --enable moe"));
        }
        long bytes = run.expertBytes()
                .orElseThrow(() -> new UserException("the session does not tell the bytes of an expert"));
        ExpertCosts costs = costs(run.measured());
        PlacementOracle oracle = new PlacementOracle(run, costs);
        Block.Table table = table(run, bytes, policies, oracle);
        if (csv.wanted()) {
            Output.data(CsvTable.of(table, csv.formulas()));
            return 0;
        }
        List<Block> blocks = new ArrayList<>(List.of(new Block.Prose(opening(run, bytes, costs)), table));
        setUp(run, bytes, policies, oracle).forEach(line -> blocks.add(new Block.Prose(line)));
        System.out.print(TextReport.blocks(blocks, Terminal.width()));
        return 0;
    }

    /// What sets up the placements that some engine offers.
    private List<String> setUp(ExpertRun run, long bytes, List<CachePolicy> policies, PlacementOracle oracle) {
        List<String> lines = new ArrayList<>();
        for (double budget : budgets(run, bytes)) {
            for (PlacementOracle.Verdict verdict : oracle.judge(capacity(run, bytes, budget), policies)) {
                if (!verdict.flags().isEmpty()) {
                    lines.add(Format.value(budget * GIGA, Unit.BYTES) + ", "
                            + verdict.policy().word() + ": " + verdict.flags());
                }
            }
        }
        return lines;
    }

    private static int capacity(ExpertRun run, long bytes, double budget) {
        return (int) Math.min(run.all(), Math.floor(budget * GIGA / bytes));
    }

    private List<CachePolicy> policies() {
        if (policy.equals(ALL)) {
            return List.of(CachePolicy.values());
        }
        return List.of(CachePolicy.find(policy)
                .orElseThrow(() -> new UserException("--policy knows no " + Terminal.plain(policy) + "; there are all, "
                        + Arrays.stream(CachePolicy.values())
                                .map(CachePolicy::word)
                                .collect(Collectors.joining(", ")))));
    }

    private ExpertCosts costs(ExpertCosts measured) {
        return new ExpertCosts(
                given("--expert-cpu-us", cpuUs, measured.cpuUs()),
                given("--expert-gpu-us", gpuUs, measured.gpuUs()),
                given("--expert-copy-us", copyUs, measured.copyUs()),
                given("--rest-us", restUs, measured.restUs()));
    }

    private static OptionalDouble given(String option, @Nullable Double given, OptionalDouble measured) {
        if (given != null && !(given >= 0 && given < US_PER_S)) {
            throw new UserException(option + " is a number of microseconds from 0, not " + given);
        }
        return given == null ? measured : OptionalDouble.of(given);
    }

    private String opening(ExpertRun run, long bytes, ExpertCosts costs) {
        return run.tokens() + " tokens chose " + run.used() + " of " + run.experts() + " experts in each of "
                + run.layers().length + " layers; an expert has " + Format.value((double) bytes, Unit.BYTES)
                + ", all together "
                + Format.value((double) bytes * run.all(), Unit.BYTES) + ". One expert: on the CPU "
                + told(costs.cpuUs())
                + ", on the GPU " + told(costs.gpuUs()) + ", copied in " + told(costs.copyUs())
                + "; the rest of a token "
                + told(costs.restUs()) + "."
                + (costs.gpuUs().isEmpty() ? " Without --expert-gpu-us there is no T_token." : "");
    }

    private static String told(OptionalDouble us) {
        return us.isPresent() ? Format.value(us.getAsDouble(), Unit.MICROSECONDS) : "not known";
    }

    private Block.Table table(ExpertRun run, long bytes, List<CachePolicy> policies, PlacementOracle oracle) {
        List<List<Cell>> rows = new ArrayList<>();
        for (double budget : budgets(run, bytes)) {
            for (PlacementOracle.Verdict verdict : oracle.judge(capacity(run, bytes, budget), policies)) {
                List<Cell> cells = row(budget, verdict);
                if (csv.wanted()) {
                    cells.add(Cell.text(verdict.flags()));
                }
                rows.add(cells);
            }
        }
        List<String> columns = new ArrayList<>(
                List.of("budget", "experts", "policy", "hit rate", "unseen", "T_token", "overlapped", "tokens/s"));
        if (csv.wanted()) {
            columns.add("how");
        }
        return new Block.Table(
                "What each budget wins. unseen: of a placement chosen from the first half of the run, over the second. What"
                        + " copies starts empty; what stays has its experts from the start.",
                columns,
                rows);
    }

    private List<Double> budgets(ExpertRun run, long bytes) {
        if (budgets.isEmpty()) {
            return Arrays.stream(SHARES)
                    .mapToObj(share -> share * run.all() * bytes / GIGA)
                    .toList();
        }
        for (double budget : budgets) {
            if (!(budget >= 0 && budget < US_PER_S)) {
                throw new UserException("--budget is a number of GB from 0, not " + budget);
            }
        }
        return budgets;
    }

    private static List<Cell> row(double budget, PlacementOracle.Verdict verdict) {
        List<Cell> cells = new ArrayList<>(List.of(
                Cell.number(budget * GIGA, Unit.BYTES),
                Cell.number((long) verdict.capacity(), Unit.COUNT),
                Cell.text(verdict.policy().word()),
                Cell.number(verdict.hitRate(), Unit.RATIO),
                verdict.unseen().isPresent()
                        ? Cell.number(verdict.unseen().getAsDouble(), Unit.RATIO)
                        : Cell.text(NOTHING)));
        verdict.time()
                .ifPresentOrElse(
                        time -> cells.addAll(List.of(
                                Cell.number(time.serialUs(), Unit.MICROSECONDS),
                                Cell.number(time.overlappedUs(), Unit.MICROSECONDS),
                                Cell.number(US_PER_S / time.overlappedUs(), Unit.TOKENS_PER_SECOND))),
                        () -> cells.addAll(List.of(Cell.text(NOTHING), Cell.text(NOTHING), Cell.text(NOTHING))));
        return cells;
    }
}
