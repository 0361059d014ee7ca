package dev.hourglass.app.cli;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.store.RefusedException;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.device.llama.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// The `hourglass` command.
///
/// Exit codes: 0 done; 1 the verb's own negative answer or a failure of the machine; 2 a mistake of
/// the user's, told in one line.
public final class Main {
    /// As released.
    private static final String VERSION = "0.1.0";

    /// The verb's own negative answer, or a failure that is nobody's mistake.
    static final int FAILED = 1;
    /// A mistake of the user's.
    static final int USAGE = 2;

    /// What the Java runtime puts in the place of bytes that are no text.
    private static final char UNKNOWN = '\uFFFD';

    private static final long MEGA = 1_000_000;
    /// What imports of any size take, see the measurements of imports.
    private static final int ENOUGH_MB = 800;

    private Main() {}

    public static void main(String[] args) {
        Output.install();
        int exitCode = written(run(args));
        Interruption.done(exitCode);
        System.exit(exitCode);
    }

    /// The exit code, or that of a failure where the answer could not be written.
    private static int written(int exitCode) {
        System.out.flush();
        return Output.STANDARD
                .failure()
                .map(why -> {
                    complain("cannot write the answer to the standard output: " + why);
                    return FAILED;
                })
                .orElse(exitCode);
    }

    static int run(String... args) {
        if (args.length == 0 || List.of("--help", "-h", "help").contains(args[0])) {
            if (Rehearsal.isAsked()) {
                Rehearsal.run();
            }
            return args.length > 1 ? help(args[1]) : Help.print(System.out);
        }
        if (List.of("--version", "-V").contains(args[0])) {
            System.out.println("hourglass " + VERSION);
            return 0;
        }
        return Verb.find(args[0])
                .map(verb -> execute(verb, Arrays.copyOfRange(args, 1, args.length)))
                .orElseGet(() -> unknown(args[0]));
    }

    private static int help(String word) {
        return Verb.find(word).map(verb -> execute(verb, "--help")).orElseGet(() -> unknown(word));
    }

    private static int unknown(String word) {
        List<String> near = Verb.near(word);
        String hint =
                near.isEmpty() ? "`hourglass --help` lists the verbs" : "did you mean " + String.join(", ", near) + "?";
        return complain("unknown verb " + word + "; " + hint);
    }

    private static int execute(Verb verb, String... args) {
        try {
            unreadable(args);
            return executed(verb, args);
        } catch (UserException e) {
            return complain(e.getMessage());
        } catch (OutOfMemoryError e) {
            complain(outOfMemory(System.getProperty("hourglass.allowed", "")));
            return FAILED;
        }
    }

    /// The Java runtime cannot even hold an argument with characters that the locale does not have.
    private static void unreadable(String... args) {
        String charset = System.getProperty("sun.jnu.encoding", "");
        boolean lost = Arrays.stream(args).anyMatch(arg -> arg.indexOf(UNKNOWN) >= 0);
        if (lost && !charset.equalsIgnoreCase("UTF-8")) {
            throw new UserException("an argument has characters that the locale's " + charset
                    + " does not have; set LC_ALL to a UTF-8 locale that `locale -a` lists (C.UTF-8 is not installed)");
        }
    }

    /// @param allowed megabytes that the control group allows; empty where it sets no limit
    static String outOfMemory(String allowed) {
        return "out of memory: the Java heap may grow to "
                + (Runtime.getRuntime().maxMemory() / MEGA) + " MB"
                + (allowed.isEmpty() ? "" : ", because this control group may use " + allowed + " MB")
                + "; most work is done within " + ENOUGH_MB + " MB in all";
    }

    private static int executed(Verb verb, String... args) {
        CommandLine line = new CommandLine(verb.command());
        line.setCommandName("hourglass " + verb.word());
        line.setExpandAtFiles(false);
        line.setStopAtPositional(verb == Verb.RUN);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOverwrittenOptionsAllowed(true);
        line.registerConverter(Moment.class, Moment::of);
        line.setOut(new PrintWriter(Output.help(), true, StandardCharsets.UTF_8));
        line.setUsageHelpWidth(Terminal.columns());
        line.setParameterExceptionHandler(
                (e, given) -> complain(usage(e) + "; see `hourglass " + verb.word() + " --help`"));
        line.setExecutionExceptionHandler((e, command, parsed) -> explain(e));
        return line.execute(
                verb == Verb.RUN
                        ? args
                        : Arrays.stream(args).map(Main::withoutDashesFirst).toArray(String[]::new));
    }

    /// SQL that begins with a comment is no option.
    private static String withoutDashesFirst(String arg) {
        return arg.matches("(?s)--\\s.*") ? " " + arg : arg;
    }

    private static String usage(ParameterException e) {
        return String.valueOf(e.getMessage()).replace("option option ", "option "); // the parser's stutter
    }

    private static int explain(Exception e) throws Exception {
        return switch (e) {
            case UserException user -> complain(user.getMessage());
            case ModelException model -> complain(model.getMessage());
            case RefusedException refused -> complain(refused.getMessage());
            case EngineException engine -> complain(engine.getMessage());
            case QueryException query -> complain(query.getMessage());
            case TraceFormatException format -> complain(format.getMessage());
            case StoreException store -> {
                complain(store.getMessage());
                yield FAILED;
            }
            case IOException io -> failed(io);
            case UncheckedIOException io -> failed(io.getCause());
            default -> throw e;
        };
    }

    private static int failed(@Nullable IOException io) {
        String what = io instanceof FileSystemException f && f.getReason() != null
                ? f.getFile() + ": " + f.getReason()
                : String.valueOf(io == null ? null : io.getMessage());
        String temporary = System.getProperty("java.io.tmpdir", "/tmp");
        complain("cannot read or write: " + what
                + (what.startsWith(temporary) ? "; TMPDIR names another place for temporary files" : ""));
        return FAILED;
    }

    private static int complain(@Nullable String message) {
        System.err.println("hourglass: " + Terminal.plain(String.valueOf(message)));
        return USAGE;
    }
}
