package dev.hourglass.device.llama;

import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.device.ffi.llama.LlamaException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;

/// What runs in the engine's process: one [EngineRun], told to the recorder through a pipe.
final class EngineMain {
    private static final int PIPE_BYTES = 1 << 16;

    private EngineMain() {}

    public static void main(String[] args) throws IOException {
        EngineRequest request = EngineCommand.request(args);
        EngineCommands commands = EngineCommands.listen();
        EngineLog log = new EngineLog();
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new FileOutputStream(EngineCommand.PIPE.toFile()), PIPE_BYTES))) {
            EnginePipe pipe = new EnginePipe(out);
            pipe.send(outcome(request, args, commands, log, pipe));
        }
        // The library's own tear-down has nothing to add.
        Runtime.getRuntime().halt(0);
    }

    private static Message run(
            EngineRequest request,
            EngineLibraries.Found found,
            String[] args,
            EngineCommands commands,
            EngineLog log,
            EnginePipe pipe)
            throws IOException {
        Optional<DeviceRequest> device = EngineCommand.deviceRequest(args);
        return device.isPresent()
                ? new DeviceRun(device.orElseThrow(), found, commands, log, pipe)
                        .run(EngineCommand.spool(args), EngineCommand.activities(args))
                : new EngineRun(request, found, commands, log, pipe, EngineCommand.spool(args)).run();
    }

    private static Message outcome(
            EngineRequest request, String[] args, EngineCommands commands, EngineLog log, EnginePipe pipe) {
        try {
            return switch (EngineLibraries.find(EngineCommand.libraries(args))) {
                case EngineLibraries.Absent absent -> new Message.Refused(absent.reason());
                case EngineLibraries.Found found -> run(request, found, args, commands, log, pipe);
            };
        } catch (TraceFormatException | EngineException e) {
            return new Message.Refused(String.valueOf(e.getMessage()));
        } catch (LlamaException e) {
            String why = log.lastErrors();
            return new Message.Refused(request.model() + ": " + e.getMessage() + (why.isEmpty() ? "" : ": " + why));
        } catch (IOException e) {
            return new Message.Refused("cannot read " + request.model() + ": " + e);
        }
    }
}
