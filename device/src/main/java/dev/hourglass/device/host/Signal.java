package dev.hourglass.device.host;

import dev.hourglass.device.ffi.posix.Posix;

/// Signals that a person or a service manager sends to end a program. Their numbers are the same on every Linux.
public enum Signal {
    /// The terminal is gone.
    HUP(1),
    /// Ctrl-C.
    INT(2),
    /// What `kill` and service managers send first.
    TERM(15),
    /// What no program can refuse.
    KILL(9);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /// Sends it to a process.
    ///
    /// @return whether the process was there and may be sent signals
    public boolean send(long pid) {
        return Posix.signal(pid, number);
    }
}
