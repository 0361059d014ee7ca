package dev.hourglass.app.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The standard output, which remembers why it could not be written: a [PrintStream] keeps silent, and a script would
/// take what a full disk left over for the whole answer.
final class Output extends OutputStream {
    static final Output STANDARD = new Output();

    private static final int BUFFER = 1 << 13;

    private final FileOutputStream file = new FileOutputStream(FileDescriptor.out);
    private volatile @Nullable IOException failure;

    private Output() {}

    /// Lets `System.out` write here.
    static void install() {
        System.setOut(new PrintStream(new BufferedOutputStream(STANDARD, BUFFER), true, System.out.charset()));
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
