package dev.hourglass.device.bench.process;

import dev.hourglass.core.trace.BatchCodec;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.device.bench.Backend;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// What a process of benchmarks says: a letter, then what follows it. Both ends are of one build.
/// ```
/// R batch | P utf what, int done, int of, long millis left | O offer | X utf why not | E
/// ```
final class BenchPipe implements BatchSink {
    private static final long PROGRESS_NS = 100_000_000;

    private final DataOutputStream out;
    private long lastProgress;

    BenchPipe(DataOutputStream out) {
        this.out = out;
    }

    private interface Body {
        void write() throws IOException;
    }

    private void say(char letter, Body body) {
        synchronized (out) {
            try {
                out.writeByte(letter);
                body.write();
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void accept(EventBatch batch) {
        say('R', () -> BatchCodec.write(batch, out));
    }

    /// Ten times a second at most.
    void progress(String what, int done, int of, long millis) {
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS_NS) {
            lastProgress = now;
            say('P', () -> {
                out.writeUTF(what);
                out.writeInt(done);
                out.writeInt(of);
                out.writeLong(millis);
            });
        }
    }

    void offer(Backend.Offer offer) {
        say('O', () -> {
            out.writeUTF(offer.op());
            out.writeUTF(offer.what());
            out.writeUTF(String.join(" ", offer.dtypes()));
            BenchJob.writeAxes(offer.axes(), out);
        });
    }

    void refused(String why) {
        say('X', () -> out.writeUTF(why));
    }

    void finished() {
        say('E', () -> {});
    }

    /// Hears what the other end says.
    static BenchOutcome read(DataInputStream in, BatchSink sink, BenchProcess.Progress progress) throws IOException {
        List<Backend.Offer> offers = new ArrayList<>();
        String refused = "";
        while (true) {
            switch (in.readByte()) {
                case 'R' -> sink.accept(BatchCodec.read(in));
                case 'P' -> progress.heard(in.readUTF(), in.readInt(), in.readInt(), in.readLong());
                case 'O' ->
                    offers.add(new Backend.Offer(
                            in.readUTF(), in.readUTF(), List.of(in.readUTF().split(" ")), BenchJob.readAxes(in)));
                case 'X' -> refused = in.readUTF();
                default -> {
                    return refused.isEmpty()
                            ? new BenchOutcome.Completed(List.copyOf(offers))
                            : new BenchOutcome.Refused(refused);
                }
            }
        }
    }
}
