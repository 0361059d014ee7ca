package dev.hourglass.device.ffi.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Calls of the C library for datagrams between processes of one machine, which Java has for streams alone.
///
/// An address is `sockaddr_un`: u16 family, then up to 108 bytes; here only these bytes, the first of which is 0
/// for names that are no files.
public final class Sockets {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int UNIX = 1;
    private static final int DATAGRAM = 2;
    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NEVER_WAIT = 0x40;
    private static final int FAMILY_BYTES = 2;
    private static final int LONGEST_ADDRESS = 108;
    private static final short POLL_IN = 1;
    private static final int POLL_BYTES = 8;

    /// `int socket(int domain, int type, int protocol)`
    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    /// `int bind(int fd, const struct sockaddr *address, socklen_t length)`
    private static final MethodHandle BIND =
            handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    /// `int poll(struct pollfd *fds, nfds_t n, int timeout_ms)`
    private static final MethodHandle POLL =
            handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    /// `ssize_t recvfrom(int fd, void *buffer, size_t length, int flags, struct sockaddr *from, socklen_t
    /// *from_length)`
    private static final MethodHandle RECEIVE = handle(
            "recvfrom", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));

    /// `ssize_t sendto(int fd, const void *buffer, size_t length, int flags, const struct sockaddr *to, socklen_t
    /// length)`
    private static final MethodHandle SEND = handle(
            "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    /// `int close(int fd)`
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private Sockets() {}

    /// What was received.
    ///
    /// @param from address of the sender; empty for one without
    @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
    public record Received(byte[] bytes, byte[] from) {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    /// A socket for datagrams; negative where none is left.
    public static int open() {
        try {
            return (int) SOCKET.invokeExact(UNIX, DATAGRAM | CLOSE_ON_EXEC, 0);
        } catch (Throwable bug) {
            throw new AssertionError("socket", bug);
        }
    }

    /// Gives a socket an address.
    ///
    /// @return whether nobody else has it
    public static boolean bind(int socket, byte[] address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = address(arena, address);
            return (int) BIND.invokeExact(socket, to, FAMILY_BYTES + address.length) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("bind", bug);
        }
    }

    private static MemorySegment address(Arena arena, byte[] address) {
        MemorySegment to = arena.allocate(FAMILY_BYTES + LONGEST_ADDRESS, FAMILY_BYTES);
        to.set(JAVA_SHORT, 0, (short) UNIX);
        MemorySegment.copy(address, 0, to, JAVA_BYTE, FAMILY_BYTES, address.length);
        return to;
    }

    /// The next datagram; empty where none came in time.
    ///
    /// @param most bytes of one; what is longer is cut
    public static Optional<Received> receive(int socket, int most, int timeoutMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(POLL_BYTES, Integer.BYTES);
            poll.set(JAVA_INT, 0, socket);
            poll.set(JAVA_SHORT, Integer.BYTES, POLL_IN);
            if ((int) POLL.invokeExact(poll, 1L, timeoutMs) <= 0) {
                return Optional.empty();
            }
            MemorySegment buffer = arena.allocate(most);
            MemorySegment from = arena.allocate(FAMILY_BYTES + LONGEST_ADDRESS, FAMILY_BYTES);
            MemorySegment length = arena.allocate(JAVA_INT);
            length.set(JAVA_INT, 0, FAMILY_BYTES + LONGEST_ADDRESS);
            long n = (long) RECEIVE.invokeExact(socket, buffer, (long) most, NEVER_WAIT, from, length);
            int address = Math.clamp(length.get(JAVA_INT, 0) - (long) FAMILY_BYTES, 0, LONGEST_ADDRESS);
            return n < 0
                    ? Optional.empty()
                    : Optional.of(new Received(
                            buffer.asSlice(0, n).toArray(JAVA_BYTE),
                            from.asSlice(FAMILY_BYTES, address).toArray(JAVA_BYTE)));
        } catch (Throwable bug) {
            throw new AssertionError("recvfrom", bug);
        }
    }

    /// Sends a datagram, without waiting.
    ///
    /// @return whether it was taken
    public static boolean send(int socket, byte[] bytes, byte[] to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(JAVA_BYTE, bytes);
            MemorySegment address = address(arena, to);
            return (long) SEND.invokeExact(
                            socket, buffer, (long) bytes.length, NEVER_WAIT, address, FAMILY_BYTES + to.length)
                    == bytes.length;
        } catch (Throwable bug) {
            throw new AssertionError("sendto", bug);
        }
    }

    public static void close(int socket) {
        try {
            int ignored = (int) CLOSE.invokeExact(socket);
        } catch (Throwable bug) {
            throw new AssertionError("close", bug);
        }
    }
}
