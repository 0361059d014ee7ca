package dev.hourglass.core.model.keys;

import dev.hourglass.core.model.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The keys of one configuration object, with the defaults of its family behind them.
///
/// Remembers which keys were read, so that what nobody understood can be listed, and which defaults
/// stood in. A key that is `null` is absent on purpose: its default does not stand in.
public final class Keys {
    /// Far above any model; a larger number is a mistake or an attack.
    private static final long MOST = 1L << 31;

    private final String source;
    private final String path;
    private final Json.Obj object;
    private final Map<String, Json> defaults;
    private final Set<String> read = new LinkedHashSet<>();
    private final Map<String, String> defaulted = new LinkedHashMap<>();
    private final List<Keys> children = new ArrayList<>();
    private final List<Keys> twins = new ArrayList<>();
    private boolean settled;

    private Keys(String source, String path, Json.Obj object, Map<String, Json> defaults) {
        this.source = source;
        this.path = path;
        this.object = object;
        this.defaults = defaults;
    }

    public static Keys of(String source, Json.Obj object) {
        return new Keys(source, "", object, Map.of());
    }

    /// The same object, read with a family's defaults. What was read before stays read.
    public Keys with(Map<String, Json> familyDefaults) {
        Keys keys = new Keys(source, path, object, familyDefaults);
        keys.read.addAll(read);
        return keys;
    }

    /// The object under a key, with its own defaults; an empty one where the key is absent or null.
    public Keys child(String key, Map<String, Json> childDefaults) {
        read.add(key);
        Json.Obj value = switch (object.members().get(key)) {
            case null -> new Json.Obj(object.offset(), Map.of());
            case Json.Null n -> new Json.Obj(n.offset(), Map.of());
            case Json.Obj o -> o;
            case Json other -> throw wrong(key, other, "an object");
        };
        Keys child = new Keys(source, path + key + ".", value, childDefaults);
        children.add(child);
        return child;
    }

    /// The object under a key, without reading it: what it holds is not marked as understood.
    public Keys peek(String key) {
        return valueOf(key) instanceof Json.Obj o ? of(source, o) : of(source, new Json.Obj(0, Map.of()));
    }

    /// The same keys with other defaults behind them; what is read there is read here.
    public Keys beside(Map<String, Json> otherDefaults) {
        Keys twin = new Keys(source, path, object, otherDefaults);
        twin.read.addAll(read);
        twins.add(twin);
        return twin;
    }

    /// Whether the key's value is an object.
    public boolean isObject(String key) {
        return object.members().get(key) instanceof Json.Obj;
    }

    /// Marks everything in the object as understood: another reads it.
    public void settle() {
        settled = true;
    }

    /// The object under a key as it was opened before, or opened now.
    public Keys opened(String key) {
        String wanted = path + key + ".";
        return Stream.concat(children.stream(), twins.stream().flatMap(twin -> twin.children.stream()))
                .filter(child -> child.path.equals(wanted))
                .findFirst()
                .orElseGet(() -> child(key, Map.of()));
    }

    /// The object's own keys.
    public List<String> names() {
        return List.copyOf(object.members().keySet());
    }

    /// Whether the key's value is false.
    public boolean isFalse(String key) {
        return object.members().get(key) instanceof Json.Bool b && !b.value();
    }

    /// Takes note of a value that stands in for an absent key.
    public void assume(String key, String value) {
        defaulted.put(key, value);
    }

    /// Whether the file itself gives the key, under this name.
    public boolean given(String key) {
        return object.members().containsKey(key);
    }

    public boolean isGivenAndNotNull(String key) {
        return object.members().containsKey(key) && !(object.members().get(key) instanceof Json.Null);
    }

    public boolean has(String key) {
        return find(key) != null;
    }

    /// A whole number above 0.
    ///
    /// @throws ModelException if there is none
    public long positive(String key) {
        return optional(key).orElseThrow(() -> missing(key));
    }

    /// A whole number above 0, or the fallback where the key is absent or null.
    public long positive(String key, long fallback) {
        return optional(key).orElse(fallback);
    }

    /// A whole number above 0; empty where the key is absent or null.
    public OptionalLong optional(String key) {
        OptionalLong value = count(key);
        if (value.isPresent() && value.getAsLong() == 0) {
            throw wrong(key, valueOf(key), "a whole number above 0");
        }
        return value;
    }

    /// A whole number, 0 included; empty where the key is absent or null.
    public OptionalLong count(String key) {
        return count(key, MOST);
    }

    public OptionalLong count(String key, long most) {
        return switch (find(key)) {
            case null -> OptionalLong.empty();
            case Json.Null n -> OptionalLong.empty();
            case Json.Num(long offset, double value, long whole)
            when whole >= 0 && whole <= most -> OptionalLong.of(whole);
            case Json other -> throw wrong(key, other, "a whole number from 0 to " + most);
        };
    }

    /// True or false; false where the key is absent or null.
    public boolean flag(String key) {
        return flag(key, false);
    }

    public boolean flag(String key, boolean fallback) {
        return switch (find(key)) {
            case null -> fallback;
            case Json.Null n -> fallback;
            case Json.Bool b -> b.value();
            case Json other -> throw wrong(key, other, "true or false");
        };
    }

    /// Whether the key's value is an array.
    public boolean isArray(String key) {
        return find(key) instanceof Json.Arr;
    }

    /// Whether the key's value is a string.
    public boolean isText(String key) {
        return find(key) instanceof Json.Text;
    }

    public double real(String key, double fallback) {
        return switch (find(key)) {
            case null -> fallback;
            case Json.Null n -> fallback;
            case Json.Num n -> n.value();
            case Json other -> throw wrong(key, other, "a number");
        };
    }

    public Optional<String> text(String key) {
        return switch (find(key)) {
            case null -> Optional.empty();
            case Json.Null n -> Optional.empty();
            case Json.Text t -> Optional.of(t.value());
            case Json other -> throw wrong(key, other, "a string");
        };
    }

    /// Strings of an array; empty where the key is absent or null.
    public List<String> texts(String key) {
        return items(key).stream()
                .map(item -> switch (item) {
                    case Json.Text t -> t.value();
                    case Json other -> throw wrong(key, other, "an array of strings");
                })
                .toList();
    }

    /// Whole numbers of an array; empty where the key is absent or null.
    public List<Long> counts(String key) {
        return items(key).stream()
                .map(item -> switch (item) {
                    case Json.Num(long offset, double value, long whole) when whole >= 0 -> whole;
                    case Json other -> throw wrong(key, other, "an array of whole numbers");
                })
                .toList();
    }

    /// The strings among the object's own values.
    public List<String> allTexts() {
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
    public void expect(String key, long value) {
        Json found = object.members().get(key);
        if (found instanceof Json.Num n && n.whole() == value) {
            read.add(key);
        }
    }

    /// Marks an array as understood if all its entries have the one value that changes nothing.
    public void expectAll(String key, long value) {
        if (object.members().get(key) instanceof Json.Arr a
                && a.items().stream().allMatch(item -> item instanceof Json.Num n && n.whole() == value)) {
            read.add(key);
        }
    }

    /// Keys, dotted, that nobody read and that are not known to change nothing.
    public List<String> notUnderstood() {
        if (settled) {
            return List.of();
        }
        List<String> unread = new ArrayList<>();
        object.members().keySet().stream()
                .filter(key -> !isRead(key) && !NoEffect.contains(key))
                .map(key -> path + key)
                .forEach(unread::add);
        children.forEach(child -> unread.addAll(child.notUnderstood()));
        twins.forEach(twin -> twin.children.forEach(child -> unread.addAll(child.notUnderstood())));
        return unread;
    }

    /// Of those, the ones that sound like a size or a part of the model and hold something.
    public List<String> suspicious() {
        if (settled) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        object.members().forEach((key, value) -> {
            if (!isRead(key) && NoEffect.suspicious(key, value)) {
                found.add(path + key);
            }
        });
        children.forEach(child -> found.addAll(child.suspicious()));
        twins.forEach(twin -> twin.children.forEach(child -> found.addAll(child.suspicious())));
        return found;
    }

    private boolean isRead(String key) {
        return read.contains(key) || twins.stream().anyMatch(twin -> twin.isRead(key));
    }

    /// Keys that were read, dotted.
    public List<String> understood() {
        List<String> understood = new ArrayList<>();
        object.members().keySet().stream()
                .filter(this::isRead)
                .map(key -> path + key)
                .forEach(understood::add);
        children.forEach(child -> understood.addAll(child.understood()));
        twins.forEach(twin -> twin.children.forEach(child -> understood.addAll(child.understood())));
        return understood;
    }

    /// Defaults that stood in for absent keys, by dotted key.
    public Map<String, String> defaulted() {
        Map<String, String> all = new LinkedHashMap<>();
        defaulted.forEach((key, value) -> all.put(path + key, value));
        children.forEach(child -> all.putAll(child.defaulted()));
        twins.forEach(twin -> all.putAll(twin.defaulted()));
        return all;
    }

    public ModelException missing(String key) {
        return new ModelException(source, object.offset(), "the key " + path + key);
    }

    public ModelException wrong(String key, @Nullable Json found, String expected) {
        return found == null
                ? missing(key)
                : new ModelException(
                        source, found.offset(), path + key + " to be " + expected + ", not " + found.shown());
    }

    /// A complaint about a key that was read.
    public ModelException wrong(String key, String expected) {
        return wrong(key, valueOf(key), expected);
    }

    private @Nullable Json find(String key) {
        read.add(key);
        Json value = valueOf(key);
        if (value == null) {
            value = standing(key);
            if (value != null && !(value instanceof Json.Null)) {
                defaulted.put(key, value.shown());
            }
        }
        return value;
    }

    /// The default under the key or under one of its other names.
    private @Nullable Json standing(String key) {
        Json value = defaults.get(key);
        return value != null
                ? value
                : Synonyms.of(key).stream()
                        .filter(defaults::containsKey)
                        .findFirst()
                        .map(defaults::get)
                        .orElse(null);
    }

    private @Nullable Json valueOf(String key) {
        Json value = object.members().get(key);
        if (value != null) {
            Synonyms.of(key).forEach(read::add);
            return value;
        }
        return Synonyms.of(key).stream()
                .filter(object.members()::containsKey)
                .findFirst()
                .map(other -> {
                    read.add(other);
                    return object.members().get(other);
                })
                .orElse(null);
    }
}
