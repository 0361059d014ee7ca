package dev.hourglass.core.query;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The queries of one package, from a `.sql` file beside its classes. Each begins with a line `-- @query name`; lines
/// of
/// comment behind it say what it answers. `$word` in one is a place for a value.
public final class QueryFile {
    private static final String HEAD = "-- @query ";
    private static final Pattern PLACE = Pattern.compile("\\$(\\w+)");

    private final Map<String, String> byName;

    private QueryFile(Map<String, String> byName) {
        this.byName = byName;
    }

    /// Reads such a file and closes it.
    ///
    /// @throws UncheckedIOException if it cannot be read
    /// @throws IllegalArgumentException if a query has no name, or the name of another
    public static QueryFile read(InputStream file) {
        try (file) {
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static QueryFile parse(String text) {
        Map<String, String> byName = new LinkedHashMap<>();
        String[] parts = ("\n" + text).split("\n" + HEAD, -1);
        if (!SqlText.statements(parts[0]).isEmpty()) {
            throw new IllegalArgumentException("a query before the first line '" + HEAD + "name'");
        }
        for (String part : List.of(parts).subList(1, parts.length)) {
            String name = part.lines().findFirst().orElse("").strip();
            if (name.isEmpty() || byName.put(name, HEAD + part.strip()) != null) {
                throw new IllegalArgumentException("a query without a name of its own: '" + name + "'");
            }
        }
        return new QueryFile(byName);
    }

    /// Whether there is a query of a name.
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /// The query of a name.
    ///
    /// @throws IllegalArgumentException if there is none
    public String text(String name) {
        String text = byName.get(name);
        if (text == null) {
            throw new IllegalArgumentException("no query " + name + " among " + byName.keySet());
        }
        return text;
    }

    /// The query of a name, with SQL in its places. What looks like a place within a value stays.
    ///
    /// @param values by the word of the place; see [SqlText#literal] and [SqlText#identifier]
    public String text(String name, Map<String, String> values) {
        return PLACE.matcher(text(name))
                .replaceAll(place -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), place.group())));
    }
}
