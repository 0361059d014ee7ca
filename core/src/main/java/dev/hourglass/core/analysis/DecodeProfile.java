package dev.hourglass.core.analysis;

import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What a decode run amounts to: every figure that a summary or a report shows, computed from the
/// session's database alone.
///
/// @param tToken T_token of the profiled steps, in microseconds
/// @param tTokenUnprofiled the same for the unprofiled steps between them, in microseconds
/// @param components one entry per [Component], in the order of that enumeration
/// @param layers mean time per layer and component, in layer order
/// @param tokens every profiled step, in order
/// @param example the profiled step whose T_token is nearest to the median, piece by piece
/// @param experts how often each expert was chosen; empty for a dense model
/// @param cores utilisation of each CPU over the profiled phase
/// @param threads what the engine's threads did over the profiled phase
/// @param bound achieved against measured memory bandwidth; empty without a ceiling
/// @param reading the same of each component that reads weights, that with most time first
/// @param ceilings measured limits of the machine
/// @param counters hardware and software events of the profiled phase
/// @param contention whether other work disturbed the run; empty if nothing was sampled
/// @param overhead cost of the per-node timing; empty where no unprofiled steps ran beside
/// @param fullDepth T_token at the model's full depth where fewer layers ran; an estimate
public record DecodeProfile(
        Distribution tToken,
        Distribution tTokenUnprofiled,
        List<ComponentTime> components,
        List<LayerTime> layers,
        List<TokenTime> tokens,
        Example example,
        Optional<ExpertActivity> experts,
        List<CoreActivity> cores,
        List<ThreadActivity> threads,
        Optional<MemoryBound> bound,
        List<Reading> reading,
        List<Ceiling> ceilings,
        List<Counter> counters,
        Optional<Contention> contention,
        Optional<Overhead> overhead,
        Optional<FullDepth> fullDepth) {

    /// A component's time per token.
    ///
    /// @param component which
    /// @param time distribution over tokens in microseconds; empty where it was not measured
    /// @param share mean divided by mean T_token, 0 where that is 0; empty where it was not measured
    /// @param exclusive whether it overlaps no other part: with the remainder these add up to T_token. Waiting does
    ///     where a GPU takes part: it is the time in which nothing else goes on. In thread barriers it does not
    /// @param absence why there is no time; null where there is one
    public record ComponentTime(
            Component component,
            boolean exclusive,
            Optional<Distribution> time,
            OptionalDouble share,
            @Nullable NotMeasured absence) {
        private boolean canBeNeck() {
            return exclusive && share.isPresent();
        }
    }

    /// Mean microseconds per token in one layer, by component key.
    public record LayerTime(int layer, Map<String, Double> componentUs) {}

    /// One profiled step.
    ///
    /// @param tsNs start, nanoseconds since the first profiled step
    /// @param us T_token in microseconds
    /// @param unprofiledUs the unprofiled step beside it, in microseconds; empty where the run ended before it
    /// @param position tokens in the KV cache at its start
    /// @param componentUs microseconds by component key, `remainder` included
    public record TokenTime(
            int token,
            long tsNs,
            double us,
            OptionalDouble unprofiledUs,
            long position,
            Map<String, Double> componentUs) {}

    /// One step, piece by piece.
    public record Example(int token, double us, List<Piece> pieces) {}

    /// A timed piece of a step.
    ///
    /// @param layer null outside the layers
    /// @param startNs since the start of the step
    public record Piece(
            @Nullable Integer layer,
            String name,
            String kind,
            String component,
            long startNs,
            long durNs,
            @Nullable Long weightBytes) {}

    /// How often each expert was chosen.
    ///
    /// @param experts number of experts per layer
    /// @param topK experts chosen per token and layer
    /// @param layers the layers that have experts, in order
    /// @param imbalance mean over layers of the most chosen expert's count divided by the mean count
    /// @param pairs the expert pairs chosen together most often
    public record ExpertActivity(
            int experts, int topK, List<LayerChoices> layers, double imbalance, List<Pair> pairs) {}

    /// How often each expert of one layer was chosen, by expert index.
    public record LayerChoices(int layer, List<Long> counts) {}

    /// Two experts of a layer chosen for the same token.
    public record Pair(int layer, int first, int second, long tokens) {}

    /// A CPU over the profiled phase; ratios from 0 to 1, weighted by time.
    ///
    /// @param series busy ratio per sampling interval, in order
    public record CoreActivity(
            int core, double busy, double user, double system, double steal, OptionalDouble mhz, List<Double> series) {}

    /// A thread of the engine over the profiled phase; shares of wall time from 0 to 1.
    public record ThreadActivity(
            long tid, String name, double running, double waitingForCpu, long involuntarySwitches) {}

    /// Achieved against measured memory bandwidth.
    ///
    /// @param expertBytesPerSecond weight bytes of the feed-forward part divided by its time
    /// @param tokenBytesPerSecond weight bytes of the whole step divided by T_token
    /// @param ceilingBytesPerSecond measured read bandwidth of as many threads
    /// @param ratio `expertBytesPerSecond / ceilingBytesPerSecond`
    /// @param verdict memory, compute, mixed, cache or unclear
    public record MemoryBound(
            double expertBytesPerSecond,
            double tokenBytesPerSecond,
            double ceilingBytesPerSecond,
            double ratio,
            String verdict) {}

    /// How fast a component reads its weights.
    ///
    /// @param component its key
    /// @param bytesPerSecond weight bytes divided by its time
    /// @param ceilingBytesPerSecond measured read bandwidth of as many threads
    /// @param ratio of the two
    /// @param verdict memory, compute, mixed, cache or apart
    public record Reading(
            String component, double bytesPerSecond, double ceilingBytesPerSecond, double ratio, String verdict) {}

    /// A measured limit.
    public record Ceiling(
            String name,
            String device,
            double value,
            String unit,
            double median,
            double stddev,
            long n,
            String method) {}

    /// An event of the perf subsystem; exactly one of value and reason is there.
    public record Counter(
            String event,
            String scope,
            @Nullable Long value,
            @Nullable String reason) {}

    /// Whether other work disturbed the run.
    ///
    /// @param level none, some or severe
    /// @param reason one sentence with the numbers
    public record Contention(String level, String reason) {}

    /// Cost of the per-node timing, from pairs of profiled and unprofiled steps.
    ///
    /// @param percent how much longer a profiled step takes
    /// @param low lower end of the 95 % confidence interval, percent
    /// @param high upper end
    /// @param pairs number of pairs
    /// @param method how the estimate and its interval were computed
    public record Overhead(double percent, double low, double high, long pairs, String method) {}

    /// T_token at full depth, estimated: measured time plus the missing layers at the mean layer time.
    ///
    /// @param componentUs estimated microseconds of each measured exclusive component; they add up to `us`
    public record FullDepth(
            int layers,
            int layersFull,
            double us,
            double lowUs,
            double highUs,
            Map<String, Double> componentUs,
            String method) {}

    /// Whether any exclusive component was measured.
    boolean hasNeck() {
        return components.stream().anyMatch(ComponentTime::canBeNeck);
    }

    /// The exclusive component with the largest share.
    public ComponentTime neck() {
        return components.stream()
                .filter(ComponentTime::canBeNeck)
                .max(Comparator.comparingDouble(c -> c.share().getAsDouble()))
                .orElseThrow();
    }

    /// How fast the neck reads its weights; empty where it reads none or no ceiling was measured.
    public Optional<Reading> readingOfNeck() {
        String neck = neck().component().key();
        return reading.stream().filter(r -> r.component().equals(neck)).findFirst();
    }

    /// A component's share of T_token; 0 where it was not measured.
    double share(Component wanted) {
        return components.stream()
                .filter(c -> c.component() == wanted)
                .mapToDouble(c -> c.share().orElse(0))
                .sum();
    }

    /// A component's time per token; empty where it was not measured.
    public Optional<Distribution> time(Component wanted) {
        return components.stream()
                .filter(c -> c.component() == wanted)
                .findFirst()
                .flatMap(ComponentTime::time);
    }
}
