package dev.hourglass.device.llama;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/// What the recorder tells the engine's process through its standard input: `go`, `stop`. The end of
/// the input means that the recorder is gone, and with it the reason to run.
final class EngineCommands {
    private static final int ORPHANED = 75;

    private final Semaphore go = new Semaphore(0);
    private volatile boolean stopped;

    static EngineCommands listen() {
        EngineCommands commands = new EngineCommands();
        Thread.ofPlatform().daemon().name("commands").start(commands::read);
        return commands;
    }

    boolean stopped() {
        return stopped;
    }

    /// Waits for `go` or `stop`.
    void awaitGo() {
        go.acquireUninterruptibly();
    }

    private void read() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                stopped |= line.equals("stop");
                go.release();
            }
        } catch (IOException e) {
            stopped = true;
        }
        Runtime.getRuntime().halt(ORPHANED);
    }
}
