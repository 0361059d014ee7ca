package dev.hourglass.core.query;

import dev.hourglass.core.query.KernelSymbol.Kind;
import dev.hourglass.core.query.KernelSymbol.Word;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/// The words of a name as compilers print it, `void at::native::f<float, 4>(float*)`, read once from left to right.
final class WrittenSymbol {
    /// Types of numbers, and what PyTorch puts in their place where only the size matters.
    static final Set<String> TYPES = Set.of(
            ("float double int long short char bool half half2 unsigned signed __half __half2 __nv_bfloat16 __nv_bfloat162 __hip_bfloat16"
                            + " hip_bfloat16 BFloat16 Half bfloat16_t half_t tfloat32_t float_e4m3_t float_e5m2_t Float8_e4m3fn Float8_e5m2"
                            + " __nv_fp8_e4m3 __nv_fp8_e5m2 __nv_fp4_e2m1 OpaqueType")
                    .split(" "));
    /// Functions whose own name says nothing.
    private static final Set<String> NAMELESS = Set.of("kernel", "globalKernel", "combine", "dispatch", "fill");

    private static final String RETURNS_NOTHING = "void ";

    private final String name;
    private final Deque<Character> open = new ArrayDeque<>();
    private int component;
    private int list = -1;
    private String qualifier = "";
    private int end;

    private WrittenSymbol(String name) {
        this.name = name;
    }

    static KernelSymbol of(String name) {
        String bare = name.replace("(anonymous namespace)::", "").replace("<unnamed>::", "");
        WrittenSymbol symbol = new WrittenSymbol(bare);
        symbol.read();
        return symbol.apart();
    }

    private void read() {
        int at = 0;
        while (at < name.length() && !endsAt(at)) {
            at = step(at);
        }
        end = at;
    }

    /// Whether the parameters begin here, or a note that a tool added.
    private boolean endsAt(int at) {
        char c = name.charAt(at);
        return open.isEmpty() && ((c == '(' && at > component) || (c == '[' && at > 0));
    }

    private int step(int at) {
        char c = name.charAt(at);
        switch (c) {
            case '<', '(', '[', '{' -> open(at);
            case '>', ')', ']', '}' -> close(c);
            case ' ' -> {
                if (open.isEmpty() && at + 1 < name.length() && name.charAt(at + 1) != '[') {
                    begin(at + 1, "");
                }
            }
            case ':' -> {
                if (open.isEmpty() && at + 1 < name.length() && name.charAt(at + 1) == ':') {
                    begin(at + 2, component(at));
                    return at + 2;
                }
            }
            default -> {}
        }
        return at + 1;
    }

    private void begin(int at, String before) {
        component = at;
        list = -1;
        qualifier = before;
    }

    private void open(int at) {
        if (at == component && open.isEmpty()) {
            return;
        }
        if (open.isEmpty()) {
            list = at;
        }
        open.push(name.charAt(at));
    }

    /// A `>` closes nothing but a `<`: `(8) > (0)` stands in template lists. What closes anything else also closes the
    /// `<` within.
    private void close(char c) {
        if (c == '>') {
            if (!open.isEmpty() && open.peek() == '<') {
                open.pop();
            }
            return;
        }
        while (!open.isEmpty() && open.peek() == '<') {
            open.pop();
        }
        if (!open.isEmpty()) {
            open.pop();
        }
    }

    private String component(int to) {
        return name.substring(component, list >= 0 ? list : to).strip();
    }

    private KernelSymbol apart() {
        if (list < 0 && end == name.length() && !name.startsWith(RETURNS_NOTHING)) {
            return new KernelSymbol(name, List.of(), name);
        }
        String own = component(end);
        String base = NAMELESS.contains(own) && !qualifier.isEmpty() ? qualifier + "::" + own : own;
        return base.isEmpty()
                ? new KernelSymbol(name, List.of(), name)
                : new KernelSymbol(
                        base, list < 0 ? List.of() : words(name.substring(list, end)), name.substring(0, end));
    }

    private static List<Word> words(String text) {
        List<Word> all = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int to = Names.endOfWord(text, at);
            if (to > at && !isCast(text, at, to)) {
                all.add(word(text, at, to));
            }
            at = Math.max(to, at + 1);
        }
        return all;
    }

    private static Word word(String text, int at, int to) {
        String word = text.substring(at, to);
        if (Names.isDigit(text, at)) {
            return new Word(word, Kind.NUMBER);
        }
        if (text.startsWith("::", to)) {
            return new Word(word, Kind.QUALIFIER);
        }
        return new Word(word, TYPES.contains(word) ? Kind.TYPE : Kind.NAME);
    }

    /// `(int)4`: the type of a number, not one that the kernel is made for.
    private static boolean isCast(String text, int at, int to) {
        return at > 0
                && text.charAt(at - 1) == '('
                && text.startsWith(")", to)
                && (Names.isDigit(text, to + 1) || text.startsWith("-", to + 1));
    }
}
