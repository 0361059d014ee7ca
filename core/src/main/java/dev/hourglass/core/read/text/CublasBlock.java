package dev.hourglass.core.read.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One call in a cuBLAS log: a line `I! cuBLAS (v…) function … called:`, then lines of parameters,
/// time and circumstances that begin with `i!`. Old versions log the first line alone.
final class CublasBlock {
    private static final Pattern HEAD =
            Pattern.compile("I! cuBLAS \\(v([^)]*)\\) function \\S+ (\\w+)\\(.*\\) called:?\\s*");
    private static final Pattern PARAMETER = Pattern.compile("i!\\s+(\\w+): type=(.*?); val=(.*)");
    private static final Pattern TIME = Pattern.compile("i! Time: (\\S+) elapsed from start .*");
    private static final Pattern ENUM = Pattern.compile("(?:CUDA_|CUBLAS_)?(\\w+)\\(-?\\d+\\)");

    private final String function;
    private final Map<String, String> values = new HashMap<>();

    private CublasBlock(String version, String function) {
        this.function = function;
        values.put("version", version);
    }

    /// A new block where the line begins one.
    static Optional<CublasBlock> begin(String line) {
        Matcher head = HEAD.matcher(line);
        return head.matches() ? Optional.of(new CublasBlock(head.group(1), head.group(2))) : Optional.empty();
    }

    /// Takes one of the block's further lines; false where it is none.
    boolean take(String line) {
        Matcher parameter = PARAMETER.matcher(line);
        Matcher time = TIME.matcher(line);
        if (parameter.matches()) {
            values.put(parameter.group(1), plain(parameter.group(3)));
        } else if (time.matches()) {
            values.put("time", time.group(1));
        } else if (line.startsWith("i!Process=")) {
            circumstances(line.substring(2));
        } else {
            return line.startsWith("i! COMPILED WITH");
        }
        return true;
    }

    String function() {
        return function;
    }

    /// A parameter's value by its name, or `time`, `Process`, `Thread`, `GPU`, `StreamId`, `MathMode`.
    String value(String name) {
        return values.getOrDefault(name, "");
    }

    private void circumstances(String line) {
        for (String pair : line.split("; ", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(pair.substring(0, equals), plain(pair.substring(equals + 1)));
            }
        }
    }

    /// `CUDA_R_16BF(14)` → `R_16BF`, `POINTER (IN HEX:0x0x7f)` → `0x7f`.
    private static String plain(String value) {
        Matcher named = ENUM.matcher(value);
        if (named.matches()) {
            return named.group(1);
        }
        if (value.startsWith("POINTER (IN HEX:0x")) {
            int end = value.indexOf(')');
            String pointer = value.substring("POINTER (IN HEX:0x".length(), end < 0 ? value.length() : end);
            return pointer.startsWith("(nil") ? "0x0" : pointer;
        }
        return value;
    }
}
