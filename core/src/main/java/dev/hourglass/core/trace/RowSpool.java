package dev.hourglass.core.trace;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file to which rows are appended while a run is measured, and which is read when it has ended, however that
/// happened.
///
/// A file wakes nobody, as a pipe or a database would, takes no memory however long the run is, and outlives its
/// writer. Rows are appended in whole portions, each of the batches of [BatchCodec] behind their length in bytes; a
/// portion that was cut off is not read.
public final class RowSpool implements BatchSink, AutoCloseable {
    private final ByteArrayOutputStream portion = new ByteArrayOutputStream();
    private final DataOutputStream encoder = new DataOutputStream(portion);
    private final OutputStream file;

    private RowSpool(OutputStream file) {
        this.file = file;
    }

    /// Makes the file, replacing one of the same name.
    public static RowSpool create(Path path) throws IOException {
        return new RowSpool(Files.newOutputStream(path));
    }

    /// Does the same work and keeps nothing.
    public static RowSpool discarding() {
        return new RowSpool(OutputStream.nullOutputStream());
    }

    @Override
    public void accept(EventBatch batch) {
        try {
            BatchCodec.write(batch, encoder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Appends what was accepted since the last call.
    ///
    /// @throws IOException if the file cannot take it
    public void append() throws IOException {
        encoder.flush();
        file.write(ByteBuffer.allocate(Integer.BYTES + portion.size())
                .putInt(portion.size())
                .put(portion.toByteArray())
                .array());
        portion.reset();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /// Hands every whole portion to a sink. There need not be a file.
    public static void read(Path path, BatchSink sink) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            while (true) {
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                DataInputStream portion = new DataInputStream(new ByteArrayInputStream(bytes));
                while (portion.available() > 0) {
                    sink.accept(BatchCodec.read(portion));
                }
            }
        } catch (EOFException | NoSuchFileException e) {
            // The end, or a portion that its writer did not live to finish, or somebody who never measured.
            return;
        }
    }
}
