package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
    private static final Pattern VLLM =
            Pattern.compile("execute_(?:\\d+_)?context_(\\d+)\\(([^)]*)\\)_generation_(\\d+)\\(([^)]*)\\).*");
    private static final Pattern VLLM_SUMS = Pattern.compile("sq(\\d+)sk(\\d+).*");
    private static final Pattern SGLANG = Pattern.compile(
            "(?i)step\\[(EXTEND|DECODE|MIXED|PREFILL|IDLE)\\b(?:.*?bs=(\\d+))?(?:.*?toks=(\\d+))?.*\\]");
    private static final Pattern PREFILL = Pattern.compile("(?i)(^|[^a-z])(prefill|context|extend)([^a-z]|$)");
    private static final Pattern DECODE = Pattern.compile("(?i)(^|[^a-z])(decode|generation)([^a-z]|$)");
    /// Numbered names of an engine's or a script's own loop, and those of the framework's profiler.
    private static final Pattern STEP = Pattern.compile(
            "ProfilerStep#?\\*?\\d*|(?i)(?:[a-z]+[_ .:-])?(?:step|iter|iteration|token|round)" + "[_ #:=.-]*\\d+");
    /// Words for a part of a model.
    private static final Pattern PART = Pattern.compile(
            "(?i)(^|[^a-z])(layers?|blocks?|attn|attention|mlp|ffn|moe|experts?|router?|gate|norm|embed(ding)?s?|head|lm_head|logits|sampl(e|er|ing)|rope|qkv|proj)([^a-z]|$)");

    /// Reads a name that is one of the known forms; empty for any other.
    static Optional<StageName> known(String name) {
        Matcher vllm = VLLM.matcher(name);
        if (vllm.matches()) {
            return vllm(vllm);
        }
        Matcher sglang = SGLANG.matcher(name);
        if (sglang.matches()) {
            return Optional.of(sglang(sglang));
        }
        if (PREFILL.matcher(name).find()
                || DECODE.matcher(name).find()
                || STEP.matcher(name).matches()) {
            return Optional.of(byWords(name));
        }
        return Optional.empty();
    }

    /// Reads a name as the import was told to: by the user's pattern, or as one of the known forms.
    public static Optional<StageName> read(String name, ImportContext.Options options) {
        return options.stagePattern()
                .map(pattern ->
                        pattern.matcher(name).find() ? Optional.of(declared(name)) : Optional.<StageName>empty())
                .orElseGet(() -> known(name));
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

    private static StageName sglang(Matcher m) {
        OptionalLong none = OptionalLong.empty();
        OptionalLong requests = number(m.group(2));
        OptionalLong tokens = number(m.group(3));
        return switch (m.group(1).toUpperCase(Locale.ROOT)) {
            case "EXTEND", "PREFILL" -> new StageName("prefill", requests, none, tokens, none, none);
            case "DECODE" ->
                new StageName("decode", none, requests, none, tokens.isPresent() ? tokens : requests, none);
            case "MIXED" -> plain("mixed");
            default -> plain("other");
        };
    }

    private static OptionalLong number(@Nullable String digits) {
        return digits != null && digits.matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(digits))
                : OptionalLong.empty();
    }
}
