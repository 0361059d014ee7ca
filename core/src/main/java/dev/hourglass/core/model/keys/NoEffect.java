package dev.hourglass.core.model.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Keys of configurations that change neither parameters nor work: token ids, initialisation,
/// dropout, the base of the rotary embedding, and the like.
public final class NoEffect {
    private static final Set<String> KEYS = load();

    private static final Pattern SIZE = Pattern.compile(
            "(^|_)(size|dim|dims|width|rank|heads?|layers?|experts?|depth|window|pattern|kernel|config|types?|bias"
                    + "|blocks?|groups?|ratio|sparse|shared)(_|$)|^num_|^n_|^use_|^moe_|^mtp_|^lora");

    private NoEffect() {}

    public static boolean contains(String key) {
        return key.startsWith("_") || KEYS.contains(key);
    }

    /// Whether a key that nobody read may still change the numbers: it is named like a size, a count or a
    /// part of a model, and its value is not nothing.
    public static boolean suspicious(String key, Json value) {
        return !contains(key) && !isNothing(value) && SIZE.matcher(key).find();
    }

    private static boolean isNothing(Json value) {
        return switch (value) {
            case Json.Null n -> true;
            case Json.Bool b -> !b.value();
            case Json.Num n -> n.value() == 0;
            case Json.Text t -> t.value().isEmpty();
            case Json.Arr a -> a.items().isEmpty();
            case Json.Obj o -> o.members().isEmpty();
        };
    }

    private static Set<String> load() {
        try (InputStream in = NoEffect.class.getResourceAsStream("no-effect.txt")) {
            if (in == null) {
                throw new IllegalStateException("no-effect.txt is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(String::strip)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
