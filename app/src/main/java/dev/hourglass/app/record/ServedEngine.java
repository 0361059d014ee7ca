package dev.hourglass.app.record;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// An engine's server, as its command line tells of it.
///
/// @param engine its name
/// @param metrics where it serves its metrics, as seen from this machine; empty where that cannot be scraped
/// @param why not; empty where it can
record ServedEngine(String engine, Optional<URI> metrics, String why) {
    /// On which it listens.
    OptionalInt port() {
        return metrics.map(at -> OptionalInt.of(at.getPort())).orElse(OptionalInt.empty());
    }

    /// Characters of an argument that may name a program.
    private static final int LONGEST = 4096;

    private static final int MOST_PORT = 65_535;

    /// Recognises a server.
    ///
    /// @param command program and arguments
    /// @return empty where it is none that is known
    static Optional<ServedEngine> of(List<String> command) {
        String all = " " + String.join(" ", command.stream().map(ServedEngine::name).toList()) + " ";
        if (all.contains(" vllm serve ") || all.contains(" vllm.entrypoints.openai.api_server ")) {
            return Optional.of(at("vllm", command, 8000));
        }
        if (all.contains(" sglang.launch_server ") || all.contains(" sglang serve ")) {
            return Optional.of(at("sglang", command, 30_000));
        }
        return all.contains(" llama-server ") ? Optional.of(at("llama.cpp", command, 8080)) : Optional.empty();
    }

    /// Of a program its file's name; others as they are.
    private static String name(String argument) {
        return argument.startsWith("-") || !argument.contains("/") || argument.length() > LONGEST
                ? argument
                : String.valueOf(Path.of(argument.replace("\0", "")).getFileName());
    }

    private static ServedEngine at(String engine, List<String> command, int usualPort) {
        if (option(command, "--uds").isPresent()) {
            return new ServedEngine(engine, Optional.empty(), "it listens on a socket file (--uds)");
        }
        if (option(command, "--ssl-keyfile").isPresent() || option(command, "--ssl-key-file").isPresent()) {
            return new ServedEngine(engine, Optional.empty(), "it speaks TLS, which is not scraped");
        }
        int port = option(command, "--port")
                .filter(given -> given.matches("\\d{1,5}"))
                .map(Integer::parseInt)
                .filter(given -> given > 0 && given <= MOST_PORT)
                .orElse(usualPort);
        String host = reachable(option(command, "--host").orElse(""));
        try {
            return new ServedEngine(
                    engine, Optional.of(URI.create("http://" + host + ":" + port + "/metrics")), "");
        } catch (IllegalArgumentException odd) {
            return new ServedEngine(engine, Optional.empty(), "its --host is no name of a host");
        }
    }

    /// An address that takes connections to any of the machine's own is asked by loopback.
    private static String reachable(String host) {
        return switch (host) {
            case "", "0.0.0.0", "localhost" -> "127.0.0.1";
            case "::", "[::]" -> "[::1]";
            default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    }

    /// The value of the last option of a name, as `--name value` or `--name=value`.
    private static Optional<String> option(List<String> command, String name) {
        Optional<String> found = Optional.empty();
        for (int i = 0; i < command.size(); i++) {
            String argument = command.get(i);
            if (argument.equals(name) && i + 1 < command.size()) {
                found = Optional.of(command.get(i + 1));
            } else if (argument.startsWith(name + "=")) {
                found = Optional.of(argument.substring(name.length() + 1));
            }
        }
        return found;
    }
}
