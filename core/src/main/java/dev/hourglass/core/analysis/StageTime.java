package dev.hourglass.core.analysis;

import dev.hourglass.core.unit.Distribution;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Where a step of a stage spends its time, as a mean over its judged steps and GPUs.
///
/// @param name prefill, decode, mixed, another annotation's name, or run
/// @param steps judged steps
/// @param devices GPUs; 0 where none was recorded
/// @param firstOnly whether its only step is the first of the recording, in which the recorder itself starts
/// @param wall distribution of the steps' walls, in microseconds
/// @param walls every step's wall in microseconds, in order of time
/// @param gpuBusyRatio share of the wall in which the GPU is busy; empty where no GPU was recorded
/// @param componentsUs microseconds of a step by component key; they do not overlap and add up to the mean wall
/// @param betweenUs mean microseconds from the end of a step to the start of the next
/// @param pcieBytesPerToken bytes copied between host and GPUs per token, or per step where the recording does not
///     tell its tokens; empty where no GPU was recorded
/// @param tokens mean tokens of a step; empty where the recording does not tell
/// @param kernels mean kernels of a step
/// @param launches mean calls that issued device work
/// @param mfu share of the GPU's peak arithmetic over the wall; empty where it is not known
/// @param mbu share of the GPU's peak memory bandwidth over the wall; empty where it is not known
/// @param utilizationBasis where work and peaks of the two come from, or why they are not known
/// @param bound what limits it
public record StageTime(
        String name,
        long steps,
        long devices,
        boolean firstOnly,
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

    public StageTime {
        walls = List.copyOf(walls);
        componentsUs = Collections.unmodifiableMap(new LinkedHashMap<>(componentsUs));
    }

    /// One step of a stage in words: `step of decode`; only `step` where the annotation says no more than that.
    public static String stepOf(String stage) {
        return stage.equalsIgnoreCase("step") || stage.equals("ProfilerStep") ? "step" : "step of " + stage;
    }

    /// A number of them: `4 steps of decode`.
    public static String stepsOf(long n, String stage) {
        return n + " " + stepOf(stage).replaceFirst("^step", n == 1 ? "step" : "steps");
    }

    /// One step with its article; a recording in which nothing marks a step is one as a whole.
    public String one() {
        return name.equals(WHOLE) ? "the recording" : "a " + stepOf(name);
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
