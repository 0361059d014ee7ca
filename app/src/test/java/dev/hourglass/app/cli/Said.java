package dev.hourglass.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What a command line led to, run in this process, as a terminal gets it.
record Said(int code, String out, String err) {
    static Said by(String... words) {
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(Output.plain(out, StandardCharsets.UTF_8));
        System.setErr(Output.plain(err, StandardCharsets.UTF_8));
        try {
            int code = Main.run(words);
            System.out.flush();
            System.err.flush();
            return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }
}
