package dev.hourglass.core.read.text;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A unit of Nsight Compute and the factor that brings a value to the unscaled one. The tool scales
/// values for reading (`us`, `Kbyte`, `Gbyte/s`) unless it is told `--print-units base`; its prefixes
/// are decimal.
///
/// @param base the unscaled unit: `ns`, `byte`, `hz`, `%`, `inst/cycle` …
/// @param factor value in `base` = value × factor
record NcuUnit(String base, double factor) {
    private static final Map<String, NcuUnit> TIMES = Map.of(
            "nsecond", new NcuUnit("ns", 1),
            "ns", new NcuUnit("ns", 1),
            "usecond", new NcuUnit("ns", 1e3),
            "us", new NcuUnit("ns", 1e3),
            "msecond", new NcuUnit("ns", 1e6),
            "ms", new NcuUnit("ns", 1e6),
            "second", new NcuUnit("ns", 1e9),
            "s", new NcuUnit("ns", 1e9));
    private static final Map<Character, Double> PREFIXES =
            Map.of('K', 1e3, 'k', 1e3, 'M', 1e6, 'G', 1e9, 'T', 1e12, 'P', 1e15);
    private static final List<String> SCALED =
            List.of("byte", "hz", "cycle", "inst", "sector", "block", "thread", "warp", "request", "flop");

    /// Reads a unit as the tool prints it; one that it does not know stays as it is, unscaled.
    static NcuUnit of(String printed) {
        String text = printed.strip();
        int slash = text.indexOf('/');
        if (slash < 0) {
            NcuUnit time = TIMES.get(text);
            return time != null ? time : scaled(text);
        }
        NcuUnit above = scaled(text.substring(0, slash));
        String below = text.substring(slash + 1);
        NcuUnit period = TIMES.get(below);
        if (period == null) {
            NcuUnit divisor = scaled(below);
            return new NcuUnit(above.base + "/" + divisor.base, above.factor / divisor.factor);
        }
        String base = above.base.equals("cycle") ? "hz" : above.base + "/s";
        return new NcuUnit(base, above.factor * 1e9 / period.factor);
    }

    private static NcuUnit scaled(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (SCALED.contains(lower)) {
            return new NcuUnit(lower, 1);
        }
        Double prefix = text.isEmpty() ? null : PREFIXES.get(text.charAt(0));
        if (prefix != null && SCALED.contains(lower.substring(1))) {
            return new NcuUnit(lower.substring(1), prefix);
        }
        return new NcuUnit(text, 1);
    }
}
