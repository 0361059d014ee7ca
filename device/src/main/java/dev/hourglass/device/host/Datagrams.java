package dev.hourglass.device.host;

import dev.hourglass.device.ffi.posix.Sockets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// A place where processes of this machine (of one network namespace) can send datagrams, under a name that is no
/// file.
///
/// Not for several threads at once.
public final class Datagrams implements AutoCloseable {
    /// Bytes of a datagram; what is longer is cut.
    private static final int LONGEST = 1 << 16;

    private final int socket;

    /// A datagram.
    ///
    /// @param from to whom an answer goes
    @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
    public record Datagram(byte[] bytes, byte[] from) {}

    private Datagrams(int socket) {
        this.socket = socket;
    }

    /// Takes the name; empty where another process has it, or no socket can be made.
    public static Optional<Datagrams> under(String name) {
        int socket = Sockets.open();
        if (socket < 0) {
            return Optional.empty();
        }
        if (!Sockets.bind(socket, address(name))) {
            Sockets.close(socket);
            return Optional.empty();
        }
        return Optional.of(new Datagrams(socket));
    }

    /// A name as Kineto writes it: a zero byte before it and one behind it.
    public static byte[] address(String name) {
        return ("\0" + name + "\0").getBytes(StandardCharsets.UTF_8);
    }

    /// The next datagram; empty where none came in time.
    public Optional<Datagram> receive(Duration wait) {
        return Sockets.receive(socket, LONGEST, Math.toIntExact(wait.toMillis()))
                .map(received -> new Datagram(received.bytes(), received.from()));
    }

    /// Sends, without waiting.
    ///
    /// @return whether somebody has that address and took it
    public boolean send(byte[] bytes, byte[] to) {
        return Sockets.send(socket, bytes, to);
    }

    @Override
    public void close() {
        Sockets.close(socket);
    }
}
