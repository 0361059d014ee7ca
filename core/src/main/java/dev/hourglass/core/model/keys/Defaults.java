package dev.hourglass.core.model.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/// What the configuration classes of Transformers assume for absent keys, per family.
public final class Defaults {
    private static final Json.Obj ALL = load();

    private Defaults() {}

    public static Map<String, Json> of(String name) {
        return ALL.members().get(name) instanceof Json.Obj o ? o.members() : Map.of();
    }

    /// Whether any family has a default for the key, that is, reads it.
    public static boolean anyHas(String key) {
        return ALL.members().values().stream()
                .anyMatch(family -> family instanceof Json.Obj o && o.members().containsKey(key));
    }

    private static Json.Obj load() {
        try (InputStream in = Defaults.class.getResourceAsStream("defaults.json")) {
            if (in == null) {
                throw new IllegalStateException("defaults.json is missing");
            }
            return Json.parse("defaults.json", in.readAllBytes(), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
