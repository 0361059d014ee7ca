package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the name of an annotation tells about a stage of inference.
///
/// @param kind prefill, decode, mixed or other
public record StageName(
        String kind,
        OptionalLong prefillRequests,
        OptionalLong decodeRequests,
        OptionalLong prefillTokens,
        OptionalLong decodeTokens,
        OptionalLong contextTokens) {
    /// None of these patterns gives back what a quantifier took: a name is read once, however long it is.
    private static final Pattern VLLM =
            Pattern.compile("execute_(?:\\d++_)?context_(\\d++)\\(([^)]*+)\\)_generation_(\\d++)\\(([^)]*+)\\).*+");
    private static final Pattern VLLM_SUMS = Pattern.compile("sq(\\d++)sk(\\d++).*+");
    private static final Pattern SGLANG = Pattern.compile("(?i)step\\[(EXTEND|DECODE|MIXED|PREFILL|IDLE)\\b");
    private static final Pattern PREFILL = Pattern.compile("(?i)(^|[^a-z])(prefill|context|extend)([^a-z]|$)");
    private static final Pattern DECODE = Pattern.compile("(?i)(^|[^a-z])(decode|generation)([^a-z]|$)");
    /// Numbered names of an engine's or a script's own loop, those of the framework's profiler, and of our own
    /// recorder.
    private static final Pattern STEP = Pattern.compile(
            "ProfilerStep#?+\\*?+\\d*+|untimed step|(?i)(?:[a-z]++[_ .:-])?(?:step|iter|iteration|token|round)"
                    + "[_ #:=.-]*+\\d++");
    /// Words for a part of a model.
    private static final Pattern PART = Pattern.compile(
            "(?i)(^|[^a-z])(layers?|blocks?|attn|attention|mlp|ffn|moe|experts?|router?|gate|norm|embed(ding)?s?|head|lm_head|logits|sampl(e|er|ing)|rope|qkv|proj)([^a-z]|$)");

    /// Of a number that fits 64 bits.
    private static final int MOST_DIGITS = 18;

    /// Reads a name that is one of the known forms; empty for any other.
    static Optional<StageName> known(String name) {
        Matcher vllm = VLLM.matcher(name);
        if (vllm.matches()) {
            return vllm(vllm);
        }
        Matcher sglang = SGLANG.matcher(name);
        if (sglang.lookingAt() && name.endsWith("]")) {
            return Optional.of(sglang(sglang.group(1), name.substring(sglang.end(), name.length() - 1)));
        }
        if (PREFILL.matcher(name).find()
                || DECODE.matcher(name).find()
                || STEP.matcher(name).matches()) {
            return Optional.of(byWords(name));
        }
        return Optional.empty();
    }

    /// Reads a name as the import was told to: by the user's pattern, or as one of the known forms. A name that the
    /// pattern does not come to an end with is none of a stage, and counted.
    public static Optional<StageName> read(String name, ImportContext context) {
        Optional<Pattern> pattern = context.options().stagePattern();
        if (pattern.isEmpty()) {
            return known(name);
        }
        try {
            return CountedText.holds(pattern.get(), name) ? Optional.of(declared(name)) : Optional.empty();
        } catch (CountedText.UsedUp | StackOverflowError e) {
            context.stats()
                    .count(
                            "stage_pattern_gave_up",
                            Severity.NOTICE,
                            "the stage pattern takes too long, first with " + name
                                    + "; write it without nested repetition");
            return Optional.empty();
        }
    }

    /// Whether a name speaks of a part of the model, such as a layer: inside a stage that is no step of
    /// its own, unless the user says so.
    public static boolean part(String name, ImportContext.Options options) {
        return options.stagePattern().isEmpty() && PART.matcher(name).find();
    }

    /// Reads a name that the user declared to be a stage.
    static StageName declared(String name) {
        return known(name).orElseGet(() -> byWords(name));
    }

    private static StageName byWords(String name) {
        boolean prefill = PREFILL.matcher(name).find();
        boolean decode = DECODE.matcher(name).find();
        return plain(prefill && decode ? "mixed" : prefill ? "prefill" : decode ? "decode" : "other");
    }

    private static StageName plain(String kind) {
        OptionalLong none = OptionalLong.empty();
        return new StageName(kind, none, none, none, none, none);
    }

    private static Optional<StageName> vllm(Matcher m) {
        OptionalLong prefills = number(m.group(1));
        OptionalLong decodes = number(m.group(3));
        boolean prefill = prefills.orElse(0) > 0;
        boolean decode = decodes.orElse(0) > 0;
        if (!prefill && !decode) {
            return Optional.empty();
        }
        Matcher prefillSums = VLLM_SUMS.matcher(m.group(2));
        Matcher decodeSums = VLLM_SUMS.matcher(m.group(4));
        boolean prefillSum = prefillSums.matches();
        boolean sums = decodeSums.matches() && prefillSum;
        return Optional.of(new StageName(
                prefill && decode ? "mixed" : prefill ? "prefill" : "decode",
                prefills,
                decodes,
                sums ? number(prefillSums.group(1)) : number(m.group(2)),
                sums ? number(decodeSums.group(1)) : number(m.group(4)),
                sums
                        ? OptionalLong.of(number(prefillSums.group(2)).orElse(0)
                                + number(decodeSums.group(2)).orElse(0))
                        : OptionalLong.empty()));
    }

    /// @param inside what stands between the mode and the closing bracket
    private static StageName sglang(String mode, String inside) {
        OptionalLong none = OptionalLong.empty();
        String text = inside.toLowerCase(Locale.ROOT);
        int behindRequests = behindNumber(text, "bs=", 0);
        int behindTokens = behindNumber(text, "toks=", Math.max(0, behindRequests));
        OptionalLong requests = numberBefore(text, behindRequests);
        OptionalLong tokens = numberBefore(text, behindTokens);
        return switch (mode.toUpperCase(Locale.ROOT)) {
            case "EXTEND", "PREFILL" -> new StageName("prefill", requests, none, tokens, none, none);
            case "DECODE" ->
                new StageName("decode", none, requests, none, tokens.isPresent() ? tokens : requests, none);
            case "MIXED" -> plain("mixed");
            default -> plain("other");
        };
    }

    /// Behind the digits that follow a key for the first time; negative where none do.
    private static int behindNumber(String text, String key, int from) {
        for (int at = text.indexOf(key, from); at >= 0; at = text.indexOf(key, at + 1)) {
            int digits = at + key.length();
            int end = Fields.end(text, digits, Fields::isDigit);
            if (end > digits) {
                return end;
            }
        }
        return -1;
    }

    private static OptionalLong numberBefore(String text, int end) {
        int from = end;
        while (from > 0 && Fields.isDigit(text.charAt(from - 1))) {
            from--;
        }
        return end < 0 ? OptionalLong.empty() : number(text.substring(from, end));
    }

    private static OptionalLong number(String digits) {
        return digits.length() <= MOST_DIGITS && Fields.isDigits(digits)
                ? OptionalLong.of(Long.parseLong(digits))
                : OptionalLong.empty();
    }
}
