package dev.hourglass.core.kineto;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// Writes a trace to a file and its answer sheet beside it:
/// `GenerateKineto FILE EVENTS SEED [QUIRK | cut=BYTE]…`.
public final class GenerateKineto {
    private GenerateKineto() {}

    /// See the class.
    public static void main(String[] args) throws IOException {
        Set<Quirk> quirks = EnumSet.noneOf(Quirk.class);
        long cut = Long.MAX_VALUE;
        for (int i = 3; i < args.length; i++) {
            if (args[i].startsWith("cut=")) {
                cut = Long.parseLong(args[i].substring(4));
            } else {
                quirks.add(Quirk.valueOf(args[i].toUpperCase(Locale.ROOT)));
            }
        }
        Path file = Path.of(args[0]);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            AnswerSheet sheet =
                    KinetoGenerator.write(out, Long.parseLong(args[2]), Long.parseLong(args[1]), quirks, cut);
            Files.writeString(Path.of(file + ".sheet.json"), sheet.json());
        }
    }
}
