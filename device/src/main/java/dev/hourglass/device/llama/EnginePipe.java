package dev.hourglass.device.llama;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// The engine's end of the pipe to the recorder.
final class EnginePipe implements BatchSink {
    private final DataOutputStream out;

    EnginePipe(DataOutputStream out) {
        this.out = out;
    }

    /// Sends now.
    void send(Message message) {
        try {
            Message.write(message, out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void accept(EventBatch batch) {
        try {
            Message.write(new Message.Rows(batch), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
