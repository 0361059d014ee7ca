package dev.hourglass.app.cli;

import dev.hourglass.core.cost.CostRow;
import dev.hourglass.core.cost.ModelAssessment;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.CsvTable;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Parallel;
import dev.hourglass.core.model.Storage;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.report.ModelJson;
import dev.hourglass.core.report.ModelReport;
import dev.hourglass.core.report.ModelTables;
import dev.hourglass.core.text.Nearest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hourglass model CONFIG…`.
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = {
            "What a model costs, from its configuration alone: parameters, FLOP, bytes, cache, memory, least time.",
            "Several models are shown side by side. What may change the numbers, and what contradicts itself, comes first."
        },
        footer = {
            "",
            "FLOP conventions:",
            "  serving  what the algorithm needs: causal, latents absorbed, last logit",
            "  hf       what eager PyTorch executes: full square, latents expanded",
            "",
            "Examples:",
            "  hourglass model config.json                       parameters, step, memory",
            "  hourglass model DIR --device h100-sxm --batch 64  least time, what fits",
            "  hourglass model DIR --by operator --device h200   which operator takes it",
            "  hourglass model a/config.json b/config.json       side by side",
            "  hourglass model DIR --tp 8 --ep 8 --context 32768 spread over devices",
            "  hourglass model DIR --json                        exact, both conventions"
        })
final class ModelCommand implements Callable<Integer> {
    private static final Pattern IMAGE = Pattern.compile("(\\d{1,6})[xX×](\\d{1,6})");

    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "config.json, a directory that holds one, a GGUF file, or a safetensors file.")
    private List<Path> models = List.of();

    @Option(
            names = "--prompt",
            paramLabel = "N",
            description = "Tokens of a prefill. Default: 4096, or the model's longest context.")
    private Long prompt = 0L;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens already cached when one more is decoded. Default: as --prompt.")
    private Long context = -1L;

    @Option(names = "--batch", paramLabel = "N", description = "Sequences. Default: 1.")
    private long batch = 1;

    @Option(names = "--all-logits", description = "A prefill yields the logits of every position, not of the last.")
    private boolean allLogits;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Format of all weights, whatever the files say: bf16, f32, fp8, int8, int4, …")
    private String dtype = "";

    @Option(
            names = "--kv-dtype",
            paramLabel = "TYPE",
            description = "Format of keys and values. Default: what the checkpoint declares, or 16 bits.")
    private String cacheType = "";

    @Option(names = "--tp", paramLabel = "N", description = "Tensor parallelism: heads and widths are divided.")
    private long tensor = 1;

    @Option(names = "--ep", paramLabel = "N", description = "Expert parallelism: whole experts are spread.")
    private long expert = 1;

    @Option(names = "--pp", paramLabel = "N", description = "Pipeline parallelism: layers are dealt out.")
    private long pipeline = 1;

    @Option(names = "--image", paramLabel = "WxH", description = "Pixels of an image, for a vision tower's work.")
    private String image = "";

    @Option(
            names = "--experts-touched",
            paramLabel = "X",
            description = "Measured distinct experts per layer and decode step, instead of the closed form.")
    private double touched = Double.NaN;

    @Option(names = "--device", paramLabel = "NAME", description = Devices.DESCRIPTION)
    private String device = "";

    @Option(
            names = "--memory-utilization",
            paramLabel = "X",
            description = "How much of the device's memory the engine takes, above 0 up to 1, as vLLM's"
                    + " --gpu-memory-utilization; the rest is for the CUDA context, CUDA graphs and other programs."
                    + " Default: 0.9.")
    private double memoryUtilization = ModelAssessment.USUAL_UTILIZATION;

    @Option(
            names = "--convention",
            paramLabel = "hf|serving",
            description = "What the tables count as FLOP. Default: serving.")
    private Convention convention = Convention.SERVING;

    @Option(
            names = "--by",
            paramLabel = "group|layer|operator",
            description = "Also list costs by group, layer or operator.")
    private Optional<CostRow.By> by = Optional.empty();

    @Option(
            names = "--as",
            paramLabel = "FAMILY",
            description = "Read the configuration as this family, whatever it says of itself.")
    private String family = "";

    @Option(names = "--strict", description = "Exit code 2 where files contradict each other, instead of a warning.")
    private boolean strict;

    @Option(names = "--json", description = "JSON with exact counts, both conventions.")
    private boolean json;

    @Mixin
    private CsvOptions csv = new CsvOptions();

    @Override
    public Integer call() {
        Optional<DeviceSpec> spec = device.isEmpty() ? Optional.empty() : Optional.of(Devices.find(device));
        List<ModelAssessment> assessments =
                models.stream().map(path -> assess(path, spec)).toList();
        List<String> contradictions = assessments.stream()
                .flatMap(a -> a.model().reading().doubts().stream())
                .filter(doubt -> doubt.effect() == Doubt.Effect.CONTRADICTION)
                .map(Doubt::text)
                .toList();
        if (strict && !contradictions.isEmpty()) {
            throw new UserException(String.join(" ", contradictions));
        }
        if (json || csv.wanted()) {
            Output.data(json ? ModelJson.of(assessments, convention, by) : csv(assessments));
        } else {
            System.out.print(TextReport.blocks(blocks(assessments), Terminal.width()));
        }
        return 0;
    }

    private ModelAssessment assess(Path path, Optional<DeviceSpec> spec) {
        Model model = ModelReader.read(path, family.isEmpty() ? Optional.empty() : Optional.of(family));
        if (!dtype.isEmpty()) {
            model = model.with(new Storage.Declared(type("--dtype", dtype), Optional.empty(), "as --dtype says"));
        }
        ModelUse use = use(model);
        if (!(memoryUtilization > 0 && memoryUtilization <= 1)) {
            throw new UserException("--memory-utilization is above 0 and at most 1, not " + memoryUtilization);
        }
        return new ModelAssessment(model.spread(use.parallel()), use, spec, memoryUtilization);
    }

    private ModelUse use(Model model) {
        long tokens = prompt == 0 ? ModelUse.usual(model).prompt() : positive("--prompt", prompt);
        if (context < -1) {
            throw new UserException("--context is a whole number from 0, not " + context);
        }
        return new ModelUse(
                tokens,
                context == -1 ? tokens : context,
                positive("--batch", batch),
                new Parallel(tensor, expert, pipeline),
                cacheType.isEmpty() ? Optional.empty() : Optional.of(type("--kv-dtype", cacheType)),
                image(),
                Double.isNaN(touched) ? OptionalDouble.empty() : OptionalDouble.of(touched));
    }

    private static long positive(String option, long value) {
        if (value < 1) {
            throw new UserException(option + " is a whole number above 0, not " + value);
        }
        return value;
    }

    private static DType type(String option, String name) {
        return DType.find(name)
                .orElseThrow(() -> new UserException(
                        option + ": no number format " + Terminal.plain(name) + Nearest.hint(name, DType.names())));
    }

    private Optional<Tower.Image> image() {
        if (image.isEmpty()) {
            return Optional.empty();
        }
        Matcher size = IMAGE.matcher(image);
        if (!size.matches()) {
            throw new UserException("--image is WIDTHxHEIGHT in pixels, not " + Terminal.plain(image));
        }
        return Optional.of(new Tower.Image(Long.parseLong(size.group(1)), Long.parseLong(size.group(2))));
    }

    private List<Block> blocks(List<ModelAssessment> assessments) {
        if (assessments.size() > 1) {
            return ModelReport.comparison(assessments, convention);
        }
        ModelReport report = new ModelReport(assessments.getFirst(), convention, allLogits);
        return by.map(report::costs).orElseGet(report::summary);
    }

    private String csv(List<ModelAssessment> assessments) {
        return CsvTable.of(
                by.map(kind -> ModelTables.rows(assessments, convention, kind))
                        .orElseGet(() -> ModelTables.all(assessments)),
                csv.formulas());
    }
}
