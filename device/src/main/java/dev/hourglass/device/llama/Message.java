package dev.hourglass.device.llama;

import dev.hourglass.core.trace.BatchCodec;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the engine's process tells the recorder, one after the other through a pipe.
///
/// ```
/// u8 kind | Rows: a batch, see BatchCodec | others: u8 numbers, numbers × long, u8 texts, texts × utf
/// ```
sealed interface Message {
    int MAX_TEXT = 8192;

    record Rows(EventBatch batch) implements Message {}

    /// How far a phase has come.
    record Progress(Phase phase, int done, int total) implements Message {}

    record Ready(long pid, List<Integer> threadIds, String version, String library) implements Message {}

    record Probe(List<Integer> threadIds, String library, String symbol, int steps) implements Message {}

    record ProbedStep(int step, long ts, long dur) implements Message {}

    record Finished(boolean stopped) implements Message {}

    record Refused(String message) implements Message {}

    enum Phase {
        LOADING(0),
        FILLING(1),
        WARMING_UP(2),
        MEASURING_STARTS(3),
        MEASURING(4),
        MEASURING_ENDED(5),
        BARRIER_ENDED(6);

        private final long code;

        Phase(long code) {
            this.code = code;
        }

        private static Phase at(long code) {
            return Arrays.stream(values())
                    .filter(phase -> phase.code == code)
                    .findFirst()
                    .orElseThrow(() -> new TraceFormatException("engine pipe", 0, "a phase, not " + code));
        }
    }

    static void write(Message message, DataOutput out) throws IOException {
        switch (message) {
            case Rows rows -> {
                out.writeByte(0);
                BatchCodec.write(rows.batch(), out);
            }
            case Progress p -> write(out, 1, List.of(p.phase().code, (long) p.done(), (long) p.total()));
            case Ready r -> write(out, 2, numbers(r.pid(), r.threadIds()), r.version(), r.library());
            case Probe p -> write(out, 3, numbers(p.steps(), p.threadIds()), p.library(), p.symbol());
            case ProbedStep s -> write(out, 4, List.of((long) s.step(), s.ts(), s.dur()));
            case Finished f -> write(out, 5, List.of(f.stopped() ? 1L : 0L));
            case Refused r -> write(out, 6, List.of(), r.message());
        }
    }

    /// @throws java.io.EOFException at the end of the pipe
    static Message read(DataInput in) throws IOException {
        int kind = in.readUnsignedByte();
        if (kind == 0) {
            return new Rows(BatchCodec.read(in));
        }
        List<Long> n = new ArrayList<>();
        for (int i = in.readUnsignedByte(); i > 0; i--) {
            n.add(in.readLong());
        }
        List<String> texts = new ArrayList<>();
        for (int i = in.readUnsignedByte(); i > 0; i--) {
            texts.add(in.readUTF());
        }
        return switch (kind) {
            case 1 -> new Progress(Phase.at(n.get(0)), Math.toIntExact(n.get(1)), Math.toIntExact(n.get(2)));
            case 2 -> new Ready(n.get(0), threads(n), texts.get(0), texts.get(1));
            case 3 -> new Probe(threads(n), texts.get(0), texts.get(1), Math.toIntExact(n.get(0)));
            case 4 -> new ProbedStep(Math.toIntExact(n.get(0)), n.get(1), n.get(2));
            case 5 -> new Finished(n.get(0) == 1);
            case 6 -> new Refused(texts.get(0));
            default -> throw new TraceFormatException("engine pipe", 0, "a message, not kind " + kind);
        };
    }

    private static List<Long> numbers(long first, List<Integer> rest) {
        List<Long> out = new ArrayList<>(List.of(first));
        rest.stream().limit(254).forEach(r -> out.add((long) r));
        return out;
    }

    private static List<Integer> threads(List<Long> numbers) {
        return numbers.stream().skip(1).map(Math::toIntExact).toList();
    }

    private static void write(DataOutput out, int kind, List<Long> numbers, String... texts) throws IOException {
        out.writeByte(kind);
        out.writeByte(numbers.size());
        for (long number : numbers) {
            out.writeLong(number);
        }
        out.writeByte(texts.length);
        for (String text : texts) {
            out.writeUTF(text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
        }
    }
}
