package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleReader;
import java.math.BigDecimal;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// The analyses that ship with Hourglass: every `.sql` file below this package. A file's path is its
/// id.
public final class AnalysisLibrary {
    private static final List<String> LIBRARY = list();

    private AnalysisLibrary() {}

    /// The analysis with the id.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Analysis find(String id) {
        try (InputStream in = AnalysisLibrary.class.getResourceAsStream(id + ".sql")) {
            if (in == null) {
                throw new IllegalArgumentException("no analysis " + id);
            }
            return AnalysisParser.parse(id, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The ids of all of them, in alphabetical order.
    public static List<String> ids() {
        return LIBRARY;
    }

    /// Those whose path begins with the word, in alphabetical order.
    public static List<Analysis> under(String prefix) {
        return LIBRARY.stream()
                .filter(id -> id.startsWith(prefix + "/"))
                .map(AnalysisLibrary::find)
                .toList();
    }

    /// From the module's own files where there is a module, else from where the class itself came.
    private static List<String> list() {
        Module module = AnalysisLibrary.class.getModule();
        String folder = AnalysisLibrary.class.getPackageName().replace('.', '/') + "/";
        try (Stream<String> files = module.isNamed() ? inModule(module) : onPath(folder)) {
            return files.filter(f -> f.startsWith(folder) && f.endsWith(".sql"))
                    .map(f -> f.substring(folder.length(), f.length() - ".sql".length()))
                    .filter(id -> id.contains("/")) // beside them lies what the explanation asks
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> inModule(Module module) throws IOException {
        ModuleReader reader = module.getLayer()
                .configuration()
                .findModule(module.getName())
                .orElseThrow()
                .reference()
                .open();
        return reader.list().onClose(() -> close(reader));
    }

    private static void close(ModuleReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> onPath(String folder) throws IOException {
        URL url = Objects.requireNonNull(AnalysisLibrary.class.getResource("decode/latency.sql"));
        if (url.getProtocol().equals("jar")) {
            JarFile jar = ((JarURLConnection) url.openConnection()).getJarFile();
            return jar.stream().map(JarEntry::getName).toList().stream();
        }
        Path root = Path.of(URI.create(url.toString())).resolve("../..").normalize();
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(p -> folder + root.relativize(p)).toList().stream();
        }
    }

    /// Runs an analysis with its default parameters.
    public static Rows run(Session session, String id) {
        Analysis analysis = find(id);
        return session.query(bound(analysis));
    }

    /// The same without the comment at its head, so that it can be given to any SQL shell as an argument.
    public static String query(Analysis analysis) {
        return bound(analysis).replaceFirst("^(--[^\n]*\n)+", "");
    }

    /// The SQL with its parameters' values in place, as anyone can run it.
    public static String bound(Analysis analysis) {
        String sql = analysis.sql();
        for (Analysis.Param param : analysis.params()) {
            String number =
                    BigDecimal.valueOf(param.value()).stripTrailingZeros().toPlainString();
            sql = sql.replaceAll("\\$" + param.name() + "\\b", number);
        }
        return sql;
    }
}
