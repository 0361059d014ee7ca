package dev.hourglass.core.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/// Keys of configurations that change neither parameters nor work: token ids, initialisation,
/// dropout, the base of the rotary embedding, and the like.
final class NoEffect {
    private static final Set<String> KEYS = load();

    private NoEffect() {}

    static boolean contains(String key) {
        return key.startsWith("_") || KEYS.contains(key);
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
