package dev.hourglass.device.llama;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.Tables;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The engine in a process of its own, so that a native crash is a result and not the recorder's end.
///
/// The process runs the same Java runtime on the same modules. It ignores the terminal's interrupt
/// (the recorder stops it in its own time) and ends when this process ends, however that happens.
/// Not thread-safe, but for [#stop()] and [#close()].
public final class EngineProcess implements AutoCloseable {
    private static final int LOG_TAIL_BYTES = 4096;
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Process process;
    private final Path log;
    private final OutputStream commands;

    private EngineProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.commands = process.getOutputStream();
    }

    /// Starts the engine's process. The model is loaded in [#run].
    ///
    /// @param log takes what the engine's library and the process print; replaced
    /// @throws EngineException if there is no library, or the process cannot be started
    public static EngineProcess start(EngineRequest request, EngineLibraries libraries, Path log) {
        return switch (libraries) {
            case EngineLibraries.Absent absent -> throw new EngineException(absent.reason());
            case EngineLibraries.Found found -> start(EngineCommand.of(request, found, log), Map.of(), log);
        };
    }

    /// Starts the process of a run that uses a GPU.
    ///
    /// @param translated directory in which the driver keeps code that it has translated for this GPU
    /// @throws EngineException if the process cannot be started
    public static EngineProcess start(
            DeviceRequest request, EngineLibraries.Found libraries, Path log, Path translated) {
        Map<String, String> environment = new HashMap<>(
                request.placement().environment(System.getenv().getOrDefault("CUDA_VISIBLE_DEVICES", "")));
        environment.put("CUDA_CACHE_PATH", System.getenv().getOrDefault("CUDA_CACHE_PATH", translated.toString()));
        return start(EngineCommand.of(request, libraries, log), environment, log);
    }

    private static EngineProcess start(List<String> command, Map<String, String> environment, Path log) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(log.toFile()));
            builder.environment().putAll(environment);
            return new EngineProcess(builder.start(), log);
        } catch (IOException e) {
            throw new EngineException("cannot start the engine's process: " + e.getMessage(), e);
        }
    }

    /// Process id of the engine.
    public long pid() {
        return process.pid();
    }

    /// Runs until the engine ends. Every table that the engine writes goes to `sink`, on this thread: what
    /// it knows of itself and the model as it comes, its steps when it has ended. The file of steps stays until
    /// the caller has kept them.
    public EngineOutcome run(BatchSink sink, EngineListener listener) {
        Ending ending = listen(sink, listener);
        AtomicInteger tokens = new AtomicInteger();
        try {
            RowSpool.read(EngineCommand.spool(log), batch -> {
                if (batch.table().equals(Tables.TOKEN)) {
                    tokens.addAndGet(batch.size());
                }
                sink.accept(batch);
            });
        } catch (IOException e) {
            throw new EngineException("cannot read the steps that the engine measured: " + e.getMessage(), e);
        }
        return ending.after(tokens.get());
    }

    /// How the engine ended, before its steps are counted.
    @FunctionalInterface
    private interface Ending {
        EngineOutcome after(int tokens);
    }

    private Ending listen(BatchSink sink, EngineListener listener) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16))) {
            while (true) {
                switch (Message.read(in)) {
                    case Message.Rows rows -> sink.accept(rows.batch());
                    case Message.Finished finished -> {
                        return finished.stopped() ? EngineOutcome.Stopped::new : EngineOutcome.Completed::new;
                    }
                    case Message.Refused refused -> {
                        return _ -> new EngineOutcome.Refused(refused.message());
                    }
                    case Message message -> tell(message, listener);
                }
            }
        } catch (EOFException e) {
            return crashed();
        } catch (IOException e) {
            return process.isAlive() ? broken(e) : crashed();
        }
    }

    private void tell(Message message, EngineListener listener) {
        switch (message) {
            case Message.Progress progress -> tell(progress, listener);
            case Message.Ready r ->
                listener.ready(new EngineListener.Ready(r.pid(), r.threadIds(), r.version(), Path.of(r.library())));
            case Message.Probe p -> {
                listener.barrierProbe(
                        new EngineListener.BarrierProbe(p.threadIds(), Path.of(p.library()), p.symbol(), p.steps()));
                send("go");
            }
            case Message.ProbedStep s -> listener.barrierStep(s.step(), s.ts(), s.dur());
            case Message.Rows _, Message.Finished _, Message.Refused _ -> {}
        }
    }

    private void tell(Message.Progress progress, EngineListener listener) {
        switch (progress.phase()) {
            case LOADING -> listener.loading(progress.done());
            case FILLING -> listener.filling(progress.done(), progress.total());
            case WARMING_UP -> listener.warmingUp(progress.done(), progress.total());
            case MEASURING_STARTS -> listener.measuringStarts();
            case MEASURING -> listener.measuring(progress.done(), progress.total());
            case MEASURING_ENDED -> listener.measuringEnded();
            case BARRIER_ENDED -> {
                listener.barrierStepsEnded();
                send("go");
            }
        }
    }

    /// Asks the engine to finish after the present token. [#run] then returns
    /// [EngineOutcome.Stopped]. Does nothing if the engine has ended.
    public void stop() {
        send("stop");
    }

    private void send(String command) {
        synchronized (commands) {
            try {
                commands.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
                commands.flush();
            } catch (IOException e) {
                // The engine has ended; run() tells how.
                return;
            }
        }
    }

    private Ending broken(IOException e) {
        close();
        return crashed("the pipe to the engine broke: " + e.getMessage());
    }

    private Ending crashed() {
        try {
            return crashed(Signals.describe(process.waitFor()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return crashed("interrupted while the engine ended");
        }
    }

    private Ending crashed(String how) {
        return measured -> new EngineOutcome.Crashed(how, measured, logTail());
    }

    private String logTail() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - LOG_TAIL_BYTES);
            byte[] tail = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /// Ends the engine's process if it still runs.
    @Override
    public void close() {
        try {
            commands.close();
        } catch (IOException e) {
            process.destroyForcibly();
        }
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// What an exit status says.
    private static final class Signals {
        private static final int SIGNALLED = 128;

        private Signals() {}

        static String describe(int status) {
            if (status <= SIGNALLED) {
                return "the engine's process ended with exit code " + status;
            }
            int signal = status - SIGNALLED;
            return "the engine's process was ended by signal " + signal + meaning(signal);
        }

        private static String meaning(int signal) {
            return switch (signal) {
                case 4 -> " (SIGILL: an instruction that this CPU does not have)";
                case 6 -> " (SIGABRT: the library gave up or the runtime caught a native crash)";
                case 7 -> " (SIGBUS: the model file was cut off while it was read, or memory failed)";
                case 9 -> " (SIGKILL: killed from outside, for example because memory ran out)";
                case 11 -> " (SIGSEGV: invalid memory access)";
                case 15 -> " (SIGTERM: ended from outside)";
                default -> "";
            };
        }
    }
}
