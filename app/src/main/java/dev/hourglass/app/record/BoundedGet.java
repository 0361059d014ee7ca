package dev.hourglass.app.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Asks a server for one text, in HTTP/1.0, within a time and a number of bytes, whatever the server does: it follows
/// nothing, keeps nothing, and waits for nobody who sends a byte now and then.
final class BoundedGet {
    /// More than any engine's metrics.
    static final int MOST_BYTES = 16 << 20;

    private static final int PORTION = 1 << 16;
    private static final int USUAL_PORT = 80;
    private static final int OK = 200;
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final double NS_PER_MS = 1e6;

    private BoundedGet() {}

    /// @return the body
    /// @throws IOException with the reason in a line: nobody answers, or not in time, too much, or with another code
    static byte[] text(URI address, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        try (Socket socket = new Socket()) {
            int port = address.getPort() < 0 ? USUAL_PORT : address.getPort();
            String host = address.getHost().replaceAll("^\\[|\\]$", "");
            socket.connect(new InetSocketAddress(host, port), left(deadline));
            socket.getOutputStream().write(request(address, port));
            return body(answer(socket, deadline));
        } catch (SocketTimeoutException e) {
            throw new IOException("no answer within " + limit.toMillis() + " ms", e);
        }
    }

    private static byte[] request(URI address, int port) {
        String path = address.getRawPath() == null || address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        return ("GET " + path + query + " HTTP/1.0\r\nHost: " + address.getHost() + ":" + port
                        + "\r\nUser-Agent: hourglass\r\nAccept: text/plain\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static int left(long deadline) throws SocketTimeoutException {
        double ms = (deadline - System.nanoTime()) / NS_PER_MS;
        if (ms <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) Math.ceil(ms);
    }

    private static byte[] answer(Socket socket, long deadline) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] portion = new byte[PORTION];
        while (true) {
            socket.setSoTimeout(left(deadline));
            int read = in.read(portion);
            if (read < 0) {
                return all.toByteArray();
            }
            if (all.size() + read > MOST_BYTES) {
                throw new IOException("the answer is larger than " + MOST_BYTES + " bytes");
            }
            all.write(portion, 0, read);
        }
    }

    private static byte[] body(byte[] answer) throws IOException {
        int end = indexOf(answer, END_OF_HEAD);
        List<String> head = new String(answer, 0, Math.max(end, 0), StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
        if (end < 0 || !head.getFirst().matches("HTTP/1\\.[01] \\d{3}.*")) {
            throw new IOException("the answer is no HTTP");
        }
        int code = Integer.parseInt(head.getFirst().substring(9, 12));
        if (code != OK) {
            throw new IOException("it answers with code " + code);
        }
        byte[] body = Arrays.copyOfRange(answer, end + END_OF_HEAD.length, answer.length);
        boolean chunked = head.stream()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .anyMatch(line -> line.startsWith("transfer-encoding:") && line.contains("chunked"));
        return chunked ? joined(body) : body;
    }

    /// Servers that answer a request of HTTP/1.0 in chunks, against the rules.
    private static byte[] joined(byte[] chunks) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (at < chunks.length) {
            int end = at;
            while (end < chunks.length && chunks[end] != '\n') {
                end++;
            }
            String size = new String(chunks, at, end - at, StandardCharsets.ISO_8859_1)
                    .replaceFirst(";.*", "")
                    .strip();
            if (!size.matches("[0-9a-fA-F]{1,7}")) {
                throw new IOException("the answer is no HTTP: a chunk without a size");
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0 || end + 1 + length > chunks.length) {
                break;
            }
            body.write(chunks, end + 1, length);
            at = end + 1 + length + 2;
        }
        return body.toByteArray();
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int at = 0; at + part.length <= all.length; at++) {
            if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }
}
