package dev.hourglass.app.record;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is to be recorded: a command, whatever it turns out to be.
///
/// @param command program and arguments, as they were typed
/// @param duration after which the command is asked to end; empty for its own end
/// @param environment variables that it gets beside those of the recorder
/// @param typed the whole command line, for the session
/// @param watching what is watched beside its processes
public record CommandRequest(
        List<String> command,
        Optional<Duration> duration,
        Map<String, String> environment,
        String typed,
        Watching watching) {
    public CommandRequest {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
