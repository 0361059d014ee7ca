package dev.hourglass.app.cli;

import dev.hourglass.core.text.PlainOutput;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The one door to standard output and standard error. `System.out` and `System.err` lead through it, and what could
/// steer a terminal becomes visible there ([PlainOutput]), whoever wrote it: names in a trace, paths, arguments,
/// messages of libraries, traces of a failure. Two ways lead around that: [#data()] for programs, and
/// [#drawing()] and [#help()] for what is ours alone.
///
/// It remembers why something could not be written: a [PrintStream] keeps silent, and a script would take what a full
/// disk left over for the whole answer.
final class Output extends OutputStream {
    /// Set by the launcher where standard output is no terminal; else it may be one.
    static final String PIPED = "hourglass.piped";

    static final Output STANDARD = new Output(FileDescriptor.out);

    private static final Output ERRORS = new Output(FileDescriptor.err);
    private static final int BUFFER = 1 << 13;
    private static final int LARGE_BUFFER = 1 << 16;

    private static volatile @Nullable PrintStream installed;

    private final FileOutputStream file;
    private volatile @Nullable IOException failure;

    private Output(FileDescriptor descriptor) {
        this.file = new FileOutputStream(descriptor);
    }

    /// Lets `System.out` and `System.err` lead here.
    static void install() {
        PrintStream out = plain(STANDARD, System.out.charset());
        System.setErr(plain(ERRORS, System.err.charset()));
        System.setOut(out);
        installed = out;
    }

    /// A stream on which text can only be text.
    ///
    /// @param charset of the terminal behind it
    static PrintStream plain(OutputStream to, Charset charset) {
        return new PrintStream(
                new BufferedOutputStream(new PlainOutput(to, charset), BUFFER), true, StandardCharsets.UTF_8);
    }

    /// For what a program reads, CSV and JSON in UTF-8: as it is where a program reads it, harmless on a terminal.
    /// To be flushed.
    static PrintStream data() {
        return isInstalled() && Boolean.getBoolean(PIPED) ? raw(STANDARD) : System.out;
    }

    /// Prints what a program reads.
    static void data(String text) {
        PrintStream out = data();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
        out.flush();
    }

    /// For many lines of text. To be flushed.
    static PrintStream lines() {
        return new PrintStream(new BufferedOutputStream(System.out, LARGE_BUFFER), false, StandardCharsets.UTF_8);
    }

    /// Standard error for who moves the cursor. Whatever is no text of ours must be made plain before.
    static PrintStream drawing() {
        return isInstalled() ? raw(ERRORS) : System.err;
    }

    /// Standard output for help, which has bold and coloured words and nothing but our own text.
    static PrintStream help() {
        return isInstalled() ? raw(STANDARD) : System.out;
    }

    private static PrintStream raw(Output to) {
        return new PrintStream(new BufferedOutputStream(to, LARGE_BUFFER), false, StandardCharsets.UTF_8);
    }

    /// Whether `System.out` leads here; somebody may have put another stream in its place.
    private static boolean isInstalled() {
        return System.out.equals(installed);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            file.write(bytes, from, count);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /// Why something could not be written. A reader that has gone has seen enough: that is no failure.
    Optional<String> failure() {
        return Optional.ofNullable(failure)
                .map(e -> String.valueOf(e.getMessage()))
                .filter(why -> !why.contains("Broken pipe"));
    }
}
