package dev.hourglass.core.query;

import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The documented views that stand on the tables, each a `.sql` file whose head comment says what a
/// row is and what the columns mean.
public final class Views {
    private static final List<String> IN_ORDER =
            List.of("token_component", "expert_activation", "expert_pair", "routing_weight", "expert_imbalance");

    private Views() {}

    /// Names of the views, in the order in which they are created.
    public static List<String> names() {
        return IN_ORDER;
    }

    /// Creates every view in a new session's database.
    public static void create(TraceStore store) {
        IN_ORDER.forEach(name -> store.execute(text(name)));
    }

    /// The file that defines a view.
    public static String text(String name) {
        try (InputStream in = Views.class.getResourceAsStream("views/" + name + ".sql")) {
            if (in == null) {
                throw new IllegalArgumentException("no view " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
