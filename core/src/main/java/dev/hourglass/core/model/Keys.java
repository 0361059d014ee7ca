package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The keys of one configuration object, with the defaults of its family behind them.
///
/// Remembers which keys were read, so that what nobody understood can be listed, and which defaults
/// stood in. A key that is `null` is absent on purpose: its default does not stand in.
final class Keys {
    /// Far above any model; a larger number is a mistake or an attack.
    private static final long MOST = 1L << 31;

    private final String source;
    private final String path;
    private final Json.Obj object;
    private final Map<String, Json> defaults;
    private final Map<String, String> aliases;
    private final Set<String> read = new LinkedHashSet<>();
    private final Map<String, String> defaulted = new LinkedHashMap<>();
    private final List<Keys> children = new ArrayList<>();

    private Keys(String source, String path, Json.Obj object, Map<String, Json> defaults, Map<String, String> aliases) {
        this.source = source;
        this.path = path;
        this.object = object;
        this.defaults = defaults;
        this.aliases = aliases;
    }

    static Keys of(String source, Json.Obj object) {
        return new Keys(source, "", object, Map.of(), Map.of());
    }

    /// The same object, read with a family's defaults. What was read before stays read.
    ///
    /// @param familyAliases other names of keys: key to other name
    Keys with(Map<String, Json> familyDefaults, Map<String, String> familyAliases) {
        Keys keys = new Keys(source, path, object, familyDefaults, familyAliases);
        keys.read.addAll(read);
        return keys;
    }

    /// The object under a key, with its own defaults; an empty one where the key is absent or null.
    Keys child(String key, Map<String, Json> childDefaults) {
        read.add(key);
        Json.Obj value = switch (object.members().get(key)) {
            case null -> new Json.Obj(object.offset(), Map.of());
            case Json.Null n -> new Json.Obj(n.offset(), Map.of());
            case Json.Obj o -> o;
            case Json other -> throw wrong(key, other, "an object");
        };
        Keys child = new Keys(source, path + key + ".", value, childDefaults, aliases);
        children.add(child);
        return child;
    }

    boolean has(String key) {
        return find(key) != null;
    }

    /// A whole number above 0.
    ///
    /// @throws ModelException if there is none
    long positive(String key) {
        return optional(key).orElseThrow(() -> missing(key));
    }

    /// A whole number above 0, or the fallback where the key is absent or null.
    long positive(String key, long fallback) {
        return optional(key).orElse(fallback);
    }

    /// A whole number above 0; empty where the key is absent or null.
    OptionalLong optional(String key) {
        OptionalLong value = count(key);
        if (value.isPresent() && value.getAsLong() == 0) {
            throw wrong(key, valueOf(key), "a whole number above 0");
        }
        return value;
    }

    /// A whole number, 0 included; empty where the key is absent or null.
    OptionalLong count(String key) {
        return count(key, MOST);
    }

    OptionalLong count(String key, long most) {
        return switch (find(key)) {
            case null -> OptionalLong.empty();
            case Json.Null n -> OptionalLong.empty();
            case Json.Num(long offset, double value, long whole)
            when whole >= 0 && whole <= most -> OptionalLong.of(whole);
            case Json other -> throw wrong(key, other, "a whole number from 0 to " + most);
        };
    }

    /// True or false; false where the key is absent or null.
    boolean flag(String key) {
        return flag(key, false);
    }

    boolean flag(String key, boolean fallback) {
        return switch (find(key)) {
            case null -> fallback;
            case Json.Null n -> fallback;
            case Json.Bool b -> b.value();
            case Json other -> throw wrong(key, other, "true or false");
        };
    }

    double real(String key, double fallback) {
        return switch (find(key)) {
            case null -> fallback;
            case Json.Null n -> fallback;
            case Json.Num n -> n.value();
            case Json other -> throw wrong(key, other, "a number");
        };
    }

    Optional<String> text(String key) {
        return switch (find(key)) {
            case null -> Optional.empty();
            case Json.Null n -> Optional.empty();
            case Json.Text t -> Optional.of(t.value());
            case Json other -> throw wrong(key, other, "a string");
        };
    }

    /// Strings of an array; empty where the key is absent or null.
    List<String> texts(String key) {
        return items(key).stream()
                .map(item -> switch (item) {
                    case Json.Text t -> t.value();
                    case Json other -> throw wrong(key, other, "an array of strings");
                })
                .toList();
    }

    /// Whole numbers of an array; empty where the key is absent or null.
    List<Long> counts(String key) {
        return items(key).stream()
                .map(item -> switch (item) {
                    case Json.Num(long offset, double value, long whole) when whole >= 0 -> whole;
                    case Json other -> throw wrong(key, other, "an array of whole numbers");
                })
                .toList();
    }

    /// The strings among the object's own values.
    List<String> allTexts() {
        return object.members().values().stream()
                .filter(Json.Text.class::isInstance)
                .map(value -> ((Json.Text) value).value())
                .toList();
    }

    private List<Json> items(String key) {
        return switch (find(key)) {
            case null -> List.of();
            case Json.Null n -> List.of();
            case Json.Arr a -> a.items();
            case Json other -> throw wrong(key, other, "an array");
        };
    }

    /// Marks a key as understood if it has the one value for which it changes nothing.
    void expect(String key, long value) {
        Json found = object.members().get(key);
        if (found instanceof Json.Num n && n.whole() == value) {
            read.add(key);
        }
    }

    /// Keys, dotted, that nobody read and that are not known to change nothing.
    List<String> notUnderstood() {
        List<String> unread = new ArrayList<>();
        object.members().keySet().stream()
                .filter(key -> !read.contains(key) && !NoEffect.contains(key))
                .map(key -> path + key)
                .forEach(unread::add);
        children.forEach(child -> unread.addAll(child.notUnderstood()));
        return unread;
    }

    /// Keys that were read, dotted.
    List<String> understood() {
        List<String> understood = new ArrayList<>();
        read.stream()
                .filter(object.members()::containsKey)
                .map(key -> path + key)
                .forEach(understood::add);
        children.forEach(child -> understood.addAll(child.understood()));
        return understood;
    }

    /// Defaults that stood in for absent keys, by dotted key.
    Map<String, String> defaulted() {
        Map<String, String> all = new LinkedHashMap<>();
        defaulted.forEach((key, value) -> all.put(path + key, value));
        children.forEach(child -> all.putAll(child.defaulted()));
        return all;
    }

    ModelException missing(String key) {
        return new ModelException(source, object.offset(), "the key " + path + key);
    }

    ModelException wrong(String key, @Nullable Json found, String expected) {
        return found == null
                ? missing(key)
                : new ModelException(
                        source, found.offset(), path + key + " to be " + expected + ", not " + found.shown());
    }

    /// A complaint about a key that was read.
    ModelException wrong(String key, String expected) {
        return wrong(key, valueOf(key), expected);
    }

    private @Nullable Json find(String key) {
        read.add(key);
        Json value = valueOf(key);
        if (value == null) {
            value = defaults.get(key);
            if (value != null && !(value instanceof Json.Null)) {
                defaulted.put(key, value.shown());
            }
        }
        return value;
    }

    private @Nullable Json valueOf(String key) {
        Json value = object.members().get(key);
        if (value != null) {
            return value;
        }
        String alias = aliases.get(key);
        if (alias == null || !object.members().containsKey(alias)) {
            return null;
        }
        read.add(alias);
        return object.members().get(alias);
    }
}
