package dev.hourglass.app.cli;

import dev.hourglass.app.live.MetricsServer;
import dev.hourglass.app.record.LiveFigures;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a recording serves of itself while it lasts, where somebody asked for it.
final class ServedFigures implements AutoCloseable {
    private static final int MOST_PORT = 65_535;

    private final Optional<MetricsServer> server;

    private ServedFigures(Optional<MetricsServer> server) {
        this.server = server;
    }

    /// @param port null for none, 0 for any
    static ServedFigures start(@Nullable Integer port, LiveFigures figures) {
        if (port == null) {
            return new ServedFigures(Optional.empty());
        }
        if (port < 0 || port > MOST_PORT) {
            throw new UserException("--metrics-port is a port from 0 to " + MOST_PORT + ", not " + port);
        }
        try {
            MetricsServer server = MetricsServer.start(port, figures::text);
            System.err.println("hourglass: metrics at " + server.address());
            return new ServedFigures(Optional.of(server));
        } catch (IOException e) {
            throw new UserException("cannot serve metrics on port " + port + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        server.ifPresent(MetricsServer::close);
    }
}
