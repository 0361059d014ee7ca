package dev.hourglass.app.record;

import dev.hourglass.device.host.ControllingTerminal;
import dev.hourglass.device.host.Signal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;

/// Lets a recorded command have the signals that are sent to its recorder, which outlives it and makes its session.
///
/// Ctrl-C reaches the command by itself where both have the terminal; the third one ends all of its processes.
public final class ForwardedSignals implements AutoCloseable {
    private static final int ENOUGH = 3;

    private final Map<String, Object> before = new LinkedHashMap<>();
    private final AtomicInteger interruptions = new AtomicInteger();
    private final CommandRecorder recorder;

    private ForwardedSignals(CommandRecorder recorder) {
        this.recorder = recorder;
    }

    /// From now on, until it is closed.
    public static ForwardedSignals to(CommandRecorder recorder) {
        ForwardedSignals signals = new ForwardedSignals(recorder);
        boolean terminal = ControllingTerminal.isOurs();
        signals.on(Signal.INT, () -> signals.interrupted(terminal));
        signals.on(Signal.TERM, () -> recorder.send(Signal.TERM));
        signals.on(Signal.HUP, () -> recorder.send(Signal.HUP));
        return signals;
    }

    private void on(Signal signal, Runnable action) {
        before.put(signal.name(), Signals.register(signal.name(), action));
    }

    private void interrupted(boolean terminal) {
        int times = interruptions.incrementAndGet();
        if (times >= ENOUGH) {
            recorder.kill();
        } else if (!terminal) {
            recorder.send(Signal.INT);
        }
    }

    @Override
    public void close() {
        before.forEach(Signals::unregister);
    }
}
