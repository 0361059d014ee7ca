package dev.hourglass.app.cli;

import dev.hourglass.core.text.Nearest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// The verbs of the command line. Only the verb that is called is loaded, so that help is there at
/// once.
enum Verb {
    PROFILE(
            "profile",
            Group.RECORD,
            "Profile decode on this machine: where each token's time goes.",
            ProfileCommand::new),
    RUN("run", Group.RECORD, "Record any command, and what happens inside Python engines.", RunCommand::new),
    ATTACH("attach", Group.RECORD, "Record the machine side of a process that runs already.", AttachCommand::new),
    GPU_WATCH(
            "gpu-watch",
            Group.RECORD,
            "Record what the GPUs do, whoever uses them, and show it meanwhile.",
            GpuWatchCommand::new),
    PROBE("probe", Group.RECORD, "Load the probe into engines that `run` cannot start.", ProbeCommand::new),
    COLLECT("collect", Group.RECORD, "Make a session of what such an engine wrote down.", CollectCommand::new),
    IMPORT("import", Group.RECORD, "Read traces and logs of other tools into a session.", ImportCommand::new),
    SQL("sql", Group.EXPLORE, "Run SQL over a session, or open a shell over it.", SqlCommand::new),
    EXPORT("export", Group.EXPLORE, "Write a session in a format of other tools.", ExportCommand::new),
    SCHEMA("schema", Group.EXPLORE, "What the tables and views of a session mean.", SchemaCommand::new),
    INFO("info", Group.EXPLORE, "What a session holds, what it does not, and why.", InfoCommand::new),
    DOCTOR(
            "doctor",
            Group.MACHINE,
            "What can be captured on this machine, and how to enable the rest.",
            DoctorCommand::new),
    REPORT("report", Group.EXPLAIN, "What limits a session or a trace, why, and what to change.", ReportCommand::new),
    ANALYZE("analyze", Group.EXPLAIN, "Ask a session questions from the library.", AnalyzeCommand::new),
    COMPARE("compare", Group.EXPLAIN, "What changed between two runs, by how much, and why.", CompareCommand::new),
    PLACEMENT(
            "placement",
            Group.EXPLAIN,
            "Which experts a GPU's memory should hold, and what it wins.",
            PlacementCommand::new),
    BASELINE("baseline", Group.EXPLAIN, "Keep runs to compare with.", BaselineCommand::new),
    OPEN("open", Group.EXPLAIN, "Serve a session's report on this machine.", OpenCommand::new),
    MODEL("model", Group.MACHINE, "What a model costs, from its configuration alone.", ModelCommand::new),
    MFU("mfu", Group.EXPLAIN, "What share of the machine's peaks a run reaches.", MfuCommand::new),
    KERNELS(
            "kernels",
            Group.MACHINE,
            "Time single operators at any shape, checked, against the roof.",
            KernelsCommand::new),
    ROOFLINE("roofline", Group.MACHINE, "What this machine can do at most, measured.", RooflineCommand::new),
    DEVICES("devices", Group.MACHINE, "Devices whose data sheets are known.", DevicesCommand::new);

    /// Headings of the verb list.
    enum Group {
        RECORD("Record"),
        EXPLORE("Explore"),
        EXPLAIN("Explain"),
        MACHINE("Machine and model");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private final String word;
    private final Group group;
    private final String summary;
    private final Supplier<Callable<Integer>> command;

    Verb(String word, Group group, String summary, Supplier<Callable<Integer>> command) {
        this.word = word;
        this.group = group;
        this.summary = summary;
        this.command = command;
    }

    String word() {
        return word;
    }

    Group group() {
        return group;
    }

    /// One line for the verb list.
    String summary() {
        return summary;
    }

    /// A fresh, annotated command.
    Callable<Integer> command() {
        return command.get();
    }

    static Optional<Verb> find(String word) {
        return Arrays.stream(values()).filter(verb -> verb.word.equals(word)).findFirst();
    }

    /// The verbs that a mistyped word may have meant, nearest first; at most three.
    static List<String> near(String word) {
        return Nearest.of(word, Arrays.stream(values()).map(Verb::word).toList());
    }

    static List<Verb> of(Group group) {
        return Arrays.stream(values())
                .filter(verb -> verb.group == group)
                .sorted(Comparator.comparingInt(Enum::ordinal))
                .toList();
    }
}
