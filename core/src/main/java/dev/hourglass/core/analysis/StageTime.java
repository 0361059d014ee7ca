package dev.hourglass.core.analysis;

import dev.hourglass.core.unit.Distribution;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/// Where the time from step to step of a stage goes, as a mean over its usual steps and GPUs.
///
/// @param name prefill, decode, mixed, another annotation's name, or run
/// @param steps recorded steps; those that several ranks take together count once
/// @param devices GPUs; 0 where none was recorded
/// @param firstOnly whether its only step is the first of the recording, in which the recorder itself starts
/// @param period from step to step
/// @param wall distribution of the steps' walls, in microseconds
/// @param walls every step's wall in microseconds, in order of time
/// @param gpuBusyRatio share of the period in which the GPU is busy; empty where no GPU was recorded
/// @param componentsUs microseconds by component key; they do not overlap and add up to the mean usual period
/// @param betweenUs of it, mean microseconds from the end of a step's wall to the start of the next one's
/// @param pcieBytesPerToken bytes copied between host and GPUs per token; empty where no GPU was recorded, or
/// where the
///     recording does not tell its tokens
/// @param tokens mean tokens of a step; empty where the recording does not tell
/// @param kernels mean kernels of a step
/// @param launches mean calls that issued device work
/// @param mfu share of the GPU's peak arithmetic over the period; empty where it is not known
/// @param mbu share of the GPU's peak memory bandwidth over the period; empty where it is not known
/// @param utilizationBasis where work and peaks of the two come from, or why they are not known
/// @param bound what limits it
public record StageTime(
        String name,
        long steps,
        long devices,
        boolean firstOnly,
        Period period,
        Distribution wall,
        List<Double> walls,
        OptionalDouble gpuBusyRatio,
        Map<String, Double> componentsUs,
        double betweenUs,
        OptionalDouble pcieBytesPerToken,
        OptionalDouble tokens,
        double kernels,
        double launches,
        OptionalDouble mfu,
        OptionalDouble mbu,
        String utilizationBasis,
        Bound bound) {

    /// Name of the stage that is the whole recording.
    private static final String WHOLE = "run";

    private static final Set<String> PHASES = Set.of("prefill", "decode", "mixed");

    public StageTime {
        walls = List.copyOf(walls);
        componentsUs = Collections.unmodifiableMap(new LinkedHashMap<>(componentsUs));
    }

    /// One step of a stage in words: `decode step`, `step of layer_norm`; only `step`, or the annotation's own
    /// name, where that says no more or says step already.
    public static String stepOf(String stage) {
        if (stage.equals(WHOLE)) {
            return "recording";
        }
        if (stage.equalsIgnoreCase("step") || stage.equals("ProfilerStep")) {
            return "step";
        }
        return PHASES.contains(stage)
                ? stage + " step"
                : stage.toLowerCase(Locale.ROOT).endsWith("step") ? stage : "step of " + stage;
    }

    /// A number of them: `4 decode steps`.
    public static String stepsOf(long n, String stage) {
        if (stage.equals(WHOLE) && n == 1) {
            return "the whole recording";
        }
        String one = stepOf(stage);
        return n + " "
                + (n == 1 ? one : one.startsWith("step of") ? "steps" + one.substring("step".length()) : one + "s");
    }

    /// One step of a stage with its article; a recording in which nothing marks a step is one as a whole.
    public static String oneOf(String stage) {
        String words = stepOf(stage);
        String article = stage.equals(WHOLE) ? "the " : words.matches("(?i)[aeiou].*") ? "an " : "a ";
        return article + words;
    }

    /// The step that stands for a stage's others; a recording in which nothing marks a step is one as a whole.
    public static String typicalOf(String stage) {
        return stage.equals(WHOLE) ? oneOf(stage) : "a typical " + stepOf(stage);
    }

    /// Whether what passes from step to step is a token's time: decode, and the step before it is of decode too.
    public boolean isOfTokens() {
        return name.equals(DecodeStage.NAME) && period.told() == Period.Told.NEXT;
    }

    /// One of its steps with the article.
    public String one() {
        return oneOf(name);
    }

    /// The same at the beginning of a sentence.
    public String opening() {
        String words = one();
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    StageTime bound(Bound judged) {
        return new StageTime(
                name,
                steps,
                devices,
                firstOnly,
                period,
                wall,
                walls,
                gpuBusyRatio,
                componentsUs,
                betweenUs,
                pcieBytesPerToken,
                tokens,
                kernels,
                launches,
                mfu,
                mbu,
                utilizationBasis,
                judged);
    }

    /// Microseconds of a component; 0 where the stage has none of it.
    public double componentUs(String key) {
        return componentsUs.getOrDefault(key, 0.0);
    }
}
