package dev.hourglass.app.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A message between PyTorch's profiler (Kineto) and the process from which it takes orders: u64 length of the
/// body, 32 bytes of type, the body. Little-endian, as the machines are that it runs on.
///
/// @param type `ctxt` (a process is there), `req` (it asks for orders), or ours, `hgorder`
@SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
record KinetoMessage(String type, byte[] body) {
    /// A process tells that it is there; any number is the answer.
    static final String CONTEXT = "ctxt";
    /// A process asks for orders: `i32 type, i32 n, i64 job, i32 pids[n]`; the answer is a text, empty for none.
    static final String REQUEST = "req";
    /// One of us orders a trace: `i64 pid`, `i64` milliseconds, then the name of its file.
    static final String ORDER = "hgorder";

    private static final int TYPE_BYTES = 32;
    private static final int HEAD = Long.BYTES + TYPE_BYTES;
    private static final int NAME_AT = 2 * Long.BYTES;
    private static final int PIDS_AT = 2 * Integer.BYTES + Long.BYTES;
    /// Of the types of orders that a process asks for: traces.
    private static final int ACTIVITIES = 2;

    /// Empty where the bytes are no message.
    static Optional<KinetoMessage> of(byte[] bytes) {
        if (bytes.length < HEAD) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = buffer.getLong();
        if (length < 0 || length > bytes.length - HEAD) {
            return Optional.empty();
        }
        byte[] type = new byte[TYPE_BYTES];
        buffer.get(type);
        byte[] body = new byte[(int) length];
        buffer.get(body);
        String text = new String(type, StandardCharsets.US_ASCII);
        int end = text.indexOf('\0');
        return Optional.of(new KinetoMessage(end < 0 ? text : text.substring(0, end), body));
    }

    byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(HEAD + body.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(body.length);
        buffer.put(type.getBytes(StandardCharsets.US_ASCII));
        buffer.position(HEAD);
        return buffer.put(body).array();
    }

    static KinetoMessage text(String type, String text) {
        return new KinetoMessage(type, text.getBytes(StandardCharsets.UTF_8));
    }

    static KinetoMessage order(TorchTraceOrder order) {
        byte[] name = order.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(NAME_AT + name.length).order(ByteOrder.LITTLE_ENDIAN);
        body.putLong(order.pid()).putLong(order.length().toMillis()).put(name);
        return new KinetoMessage(ORDER, body.array());
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Whether a request is for traces, and not for counters alone.
    boolean asksForTraces() {
        return body.length >= PIDS_AT && (buffer().getInt(0) & ACTIVITIES) != 0;
    }

    /// Who asks, and its ancestors, the process itself first.
    List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        if (body.length >= PIDS_AT) {
            ByteBuffer buffer = buffer();
            int told = buffer.getInt(Integer.BYTES);
            for (int at = PIDS_AT; at + Integer.BYTES <= body.length && pids.size() < told; at += Integer.BYTES) {
                pids.add(Integer.toUnsignedLong(buffer.getInt(at)));
            }
        }
        return pids;
    }

    /// The order that it is; empty where it is none that we would give.
    Optional<TorchTraceOrder> ordered() {
        if (!type.equals(ORDER) || body.length < NAME_AT) {
            return Optional.empty();
        }
        String name = new String(body, NAME_AT, body.length - NAME_AT, StandardCharsets.UTF_8);
        return TorchTraceOrder.of(buffer().getLong(0), buffer().getLong(Long.BYTES), name);
    }
}
