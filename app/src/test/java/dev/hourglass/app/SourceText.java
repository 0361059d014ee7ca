package dev.hourglass.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The texts in a Java source: string literals and text blocks, as they are written, without comments.
final class SourceText {
    /// Comments, characters, text blocks and strings: what may hold a quote that begins nothing.
    private static final Pattern TOKEN = Pattern.compile(
            "//[^\\n]*|/\\*.*?\\*/|'(?:\\\\.|[^'\\\\])+'|\"\"\"(?<block>.*?)\"\"\"|\"(?<string>(?:\\\\.|[^\"\\\\\\n])*+)\"",
            Pattern.DOTALL);

    /// One text.
    ///
    /// @param line where it begins, from 1
    record Literal(Path file, long line, String text) {
        @Override
        public String toString() {
            return file + ":" + line + " " + text.strip().lines().findFirst().orElse("");
        }
    }

    private SourceText() {}

    /// The source with spaces for all comments and texts, line by line as long as before.
    static String code(String source) {
        return TOKEN.matcher(source).replaceAll(match -> match.group().replaceAll("[^\\n]", " "));
    }

    static List<Literal> literals(Path file) {
        try {
            return literals(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Literal> literals(Path file, String source) {
        return TOKEN.matcher(source)
                .results()
                .filter(match -> match.group("block") != null || match.group("string") != null)
                .map(match -> new Literal(
                        file,
                        1
                                + source.substring(0, match.start())
                                        .chars()
                                        .filter(c -> c == '\n')
                                        .count(),
                        match.group("block") != null ? match.group("block") : match.group("string")))
                .toList();
    }
}
