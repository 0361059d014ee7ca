package dev.hourglass.device.host;

/// The terminal from which a process was started.
public final class ControllingTerminal {
    private static final int PROCESS_GROUP = 2;
    private static final int TERMINAL = 4;
    private static final int FOREGROUND_GROUP = 5;

    private ControllingTerminal() {}

    /// Whether this process and its children get what is typed there: Ctrl-C reaches all of them then.
    public static boolean isOurs() {
        return isOf(KernelFiles.system(), "self");
    }

    static boolean isOf(KernelFiles files, String process) {
        String stat = files.text(files.proc().resolve(process).resolve("stat")).orElse("");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split("\\s+", -1);
        return fields.length > FOREGROUND_GROUP
                && !fields[TERMINAL].equals("0")
                && fields[PROCESS_GROUP].equals(fields[FOREGROUND_GROUP]);
    }
}
