package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.Optional;

/// The line of `perf script` that begins a sample: `comm [pid/]tid [cpu] time: [period] event: frame`, taken apart in
/// one pass. A command may hold spaces, so it ends before the first words that can be what follows it.
///
/// @param cpu digits; empty where it is not printed
/// @param time seconds with six to nine decimals
/// @param period digits; empty where it is not printed
/// @param frame the innermost frame where it stands on the same line; empty elsewhere
record PerfSample(Command command, String cpu, String time, String period, String event, String frame) {
    private static final int FEWEST_DECIMALS = 6;
    private static final int MOST_DECIMALS = 9;

    /// What a sample was taken of.
    ///
    /// @param thread name of the thread
    /// @param ids digits of the thread, or of the process and the thread with a slash between
    record Command(String thread, String ids) {
        /// Digits of the process; empty where it is not printed.
        String pid() {
            int slash = ids.indexOf('/');
            return slash < 0 ? "" : ids.substring(0, slash);
        }

        String tid() {
            return ids.substring(ids.indexOf('/') + 1);
        }
    }

    /// A run of characters that are no white space; of no length at the end of the line.
    private record Word(String line, int from, int to) {
        static Word after(String line, int at) {
            int from = Fields.end(line, at, Character::isWhitespace);
            return new Word(line, from, Fields.end(line, from, c -> !Character.isWhitespace(c)));
        }

        Word next() {
            return after(line, to);
        }

        boolean isNone() {
            return from == to;
        }

        boolean isDigits() {
            return Fields.isDigits(text());
        }

        String text() {
            return line.substring(from, to);
        }
    }

    /// Empty where the line begins no sample.
    static Optional<PerfSample> parse(String line) {
        Word last = Word.after(line, 0);
        if (last.from() > 0) {
            return Optional.empty();
        }
        for (Word word = last.next(); !word.isNone(); word = word.next()) {
            if (isIds(word.text())) {
                Optional<PerfSample> sample = behind(new Command(line.substring(0, last.to()), word.text()), word);
                if (sample.isPresent()) {
                    return sample;
                }
            }
            last = word;
        }
        return Optional.empty();
    }

    private static Optional<PerfSample> behind(Command command, Word ids) {
        Word word = ids.next();
        String cpu = cpu(word.text());
        Word time = cpu.isEmpty() ? word : word.next();
        if (!isTime(time.text())) {
            return Optional.empty();
        }
        Word first = time.next();
        boolean periodic = first.isDigits();
        Word event = periodic ? first.next() : first;
        int colon = event.text().lastIndexOf(':');
        return colon < 1
                ? Optional.empty()
                : Optional.of(new PerfSample(
                        command,
                        cpu,
                        time.text().substring(0, time.text().length() - 1),
                        periodic ? first.text() : "",
                        event.text().substring(0, colon),
                        event.line().substring(event.from() + colon + 1).stripLeading()));
    }

    private static boolean isIds(String word) {
        int slash = word.indexOf('/');
        String first = word.substring(word.startsWith("-") ? 1 : 0, slash < 0 ? word.length() : Math.max(slash, 1));
        return Fields.isDigits(first) && (slash < 0 || Fields.isDigits(word.substring(slash + 1)));
    }

    private static String cpu(String word) {
        boolean bracketed = word.startsWith("[") && word.endsWith("]");
        String digits = bracketed ? word.substring(1, word.length() - 1) : "";
        return Fields.isDigits(digits) ? digits : "";
    }

    private static boolean isTime(String word) {
        int point = word.indexOf('.');
        if (point < 1 || !word.endsWith(":")) {
            return false;
        }
        String decimals = word.substring(point + 1, word.length() - 1);
        return Fields.isDigits(word.substring(0, point))
                && Fields.isDigits(decimals)
                && decimals.length() >= FEWEST_DECIMALS
                && decimals.length() <= MOST_DECIMALS;
    }
}
