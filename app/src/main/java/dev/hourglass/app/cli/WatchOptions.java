package dev.hourglass.app.cli;

import dev.hourglass.app.record.Watching;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What is watched of an engine from outside while it is recorded.
final class WatchOptions {
    private static final double SHORTEST_S = 0.1;
    private static final int MOST_ADDRESSES = 16;

    @Option(
            names = "--scrape",
            paramLabel = "URL",
            description = "Where the engine serves its metrics as Prometheus text, several separated by commas. Default:"
                    + " where the command line of vLLM, SGLang or llama-server says (port 8000, 30000, 8080 unless told).")
    private @Nullable String scrape;

    @Option(
            names = "--scrape-interval",
            paramLabel = "SECONDS",
            description = "Time between two snapshots. Default: 5.")
    private @Nullable Double interval;

    Watching watching(Duration readyLimit, Consumer<String> say) {
        Watching usual = Watching.usual();
        Duration pace = Seconds.of("--scrape-interval", interval).orElse(usual.scrapePace());
        if (interval != null && interval < SHORTEST_S) {
            throw new UserException("--scrape-interval is at least " + SHORTEST_S + " seconds, not " + interval);
        }
        return new Watching(addresses(), pace, readyLimit, say, usual.live());
    }

    private List<URI> addresses() {
        if (scrape == null) {
            return List.of();
        }
        String[] given = scrape.split(",", -1);
        if (given.length > MOST_ADDRESSES) {
            throw new UserException("--scrape takes at most " + MOST_ADDRESSES + " addresses, not " + given.length);
        }
        return Arrays.stream(given).map(String::strip).map(WatchOptions::address).toList();
    }

    private static URI address(String given) {
        try {
            URI address = URI.create(given.contains("://") ? given : "http://" + given);
            if (address.getHost() != null && "http".equals(String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT))) {
                boolean bare = address.getRawPath() == null || address.getRawPath().isEmpty();
                return bare ? address.resolve("/metrics") : address;
            }
        } catch (IllegalArgumentException odd) {
            // told below
        }
        throw new UserException("--scrape takes addresses such as http://127.0.0.1:8000/metrics, not "
                + Terminal.plain(given));
    }
}
