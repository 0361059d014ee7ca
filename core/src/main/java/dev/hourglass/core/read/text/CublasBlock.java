package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One call in a cuBLAS log: a line `I! cuBLAS (v…) function … called:`, then lines of parameters,
/// time and circumstances that begin with `i!`. Old versions log the first line alone.
final class CublasBlock {
    private static final String HEAD = "I! cuBLAS (v";
    private static final String BEHIND_VERSION = ") function ";
    private static final String TIME = "i! Time: ";
    private static final String TYPE = ": type=";
    private static final String VALUE = "; val=";
    private static final List<String> ENUMS = List.of("CUDA_", "CUBLAS_");
    /// Values of a call; no function has half as many.
    private static final int MOST_VALUES = 256;

    private final String function;
    private final Map<String, String> values = new HashMap<>();

    private CublasBlock(String version, String function) {
        this.function = function;
        values.put("version", version);
    }

    /// A new block where the line begins one.
    static Optional<CublasBlock> begin(String line) {
        int version = line.startsWith(HEAD) ? line.indexOf(')', HEAD.length()) : -1;
        if (version < 0 || !line.startsWith(BEHIND_VERSION, version)) {
            return Optional.empty();
        }
        int result = version + BEHIND_VERSION.length();
        int space = line.indexOf(' ', result);
        int open = line.indexOf('(', Math.max(0, space));
        String function = result < space && space < open ? line.substring(space + 1, open) : "";
        String end = line.substring(Math.max(0, open)).stripTrailing();
        boolean called = end.endsWith(") called:") || end.endsWith(") called");
        return Fields.isWord(function) && called
                ? Optional.of(new CublasBlock(line.substring(HEAD.length(), version), function))
                : Optional.empty();
    }

    /// Takes one of the block's further lines; false where it is none.
    boolean take(String line) {
        if (values.size() > MOST_VALUES) {
            return false;
        }
        int behindTime = line.indexOf(" elapsed from start ");
        if (line.startsWith(TIME) && behindTime > TIME.length()) {
            values.put("time", line.substring(TIME.length(), behindTime));
        } else if (line.startsWith("i!Process=")) {
            circumstances(line.substring(2));
        } else {
            return parameter(line) || line.startsWith("i! COMPILED WITH");
        }
        return true;
    }

    /// `i!  name: type=…; val=…`
    private boolean parameter(String line) {
        int type = line.startsWith("i! ") ? line.indexOf(TYPE) : -1;
        int value = type < 0 ? -1 : line.indexOf(VALUE, type);
        String name = value < 0 ? "" : line.substring(2, type).strip();
        if (Fields.isWord(name)) {
            values.put(name, plain(line.substring(value + VALUE.length())));
        }
        return Fields.isWord(name);
    }

    String function() {
        return function;
    }

    /// A parameter's value by its name, or `time`, `Process`, `Thread`, `GPU`, `StreamId`, `MathMode`.
    String value(String name) {
        return values.getOrDefault(name, "");
    }

    private void circumstances(String line) {
        for (String pair : Fields.strippedBetween(line, ';')) {
            int equals = pair.indexOf('=');
            if (equals > 0 && values.size() <= MOST_VALUES) {
                values.put(pair.substring(0, equals), plain(pair.substring(equals + 1)));
            }
        }
    }

    /// `CUDA_R_16BF(14)` → `R_16BF`, `POINTER (IN HEX:0x0x7f)` → `0x7f`.
    private static String plain(String value) {
        int number = value.indexOf('(');
        if (number > 0 && value.endsWith(")") && isInteger(value.substring(number + 1, value.length() - 1))) {
            String name = value.substring(0, number);
            for (String prefix : ENUMS) {
                name = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            }
            return name;
        }
        if (value.startsWith("POINTER (IN HEX:0x")) {
            int end = value.indexOf(')');
            String pointer = value.substring("POINTER (IN HEX:0x".length(), end < 0 ? value.length() : end);
            return pointer.startsWith("(nil") ? "0x0" : pointer;
        }
        return value;
    }

    private static boolean isInteger(String text) {
        return Fields.isDigits(text.startsWith("-") ? text.substring(1) : text);
    }
}
