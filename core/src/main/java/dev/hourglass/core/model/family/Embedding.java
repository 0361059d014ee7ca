package dev.hourglass.core.model.family;

import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// Decoders that serve as encoders: without a head, and where their configuration says so with
/// attention in both directions.
public final class Embedding {
    private Embedding() {}

    /// The model without its head where its class is a bare one, `…Model`, and with attention to both
    /// sides where `is_causal` is false or `use_bidirectional_attention` asks for it of every token.
    public static Decoder adapt(Keys k, List<String> architectures, Decoder decoder) {
        boolean bare =
                architectures.stream().findFirst().filter(Embedding::bare).isPresent();
        boolean both = !k.flag("is_causal", true) || everyToken(k);
        if (bare) {
            decoder.headless();
        }
        if (both) {
            decoder.bothSides();
        }
        return decoder;
    }

    private static boolean bare(String architecture) {
        return architecture.endsWith("Model") && !architecture.endsWith("LMHeadModel");
    }

    private static boolean everyToken(Keys k) {
        String key = "use_bidirectional_attention";
        return k.isText(key) ? k.text(key).orElse("").equals("all") : k.has(key) && k.flag(key);
    }
}
