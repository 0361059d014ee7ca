package dev.hourglass.core.query;

import dev.hourglass.core.query.KernelSymbol.Kind;
import dev.hourglass.core.query.KernelSymbol.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The words of a mangled name (Itanium C++ ABI, section 5.1), read once from left to right. What a substitution
/// (`S1_`)
/// or a parameter (`T_`) stands for is left out, so it is a part of what the name says.
final class MangledSymbol {
    /// Builtin types that kernels are made for.
    private static final Map<Character, String> TYPES = Map.of(
            'f', "float", 'd', "double", 'i', "int", 'j', "unsigned", 'l', "long", 'm', "unsigned long", 'b', "bool");
    /// Of an identifier's length, more digits are never meant.
    private static final int LONGEST_LENGTH = 4;

    private final String name;
    private final List<Word> head = new ArrayList<>();
    private final List<Word> list = new ArrayList<>();
    private boolean inList;
    private int at = 2;

    private MangledSymbol(String name) {
        this.name = name;
    }

    static KernelSymbol of(String name) {
        MangledSymbol symbol = new MangledSymbol(name);
        while (symbol.at < name.length()) {
            symbol.step();
        }
        String base = String.join("::", symbol.head.stream().map(Word::text).toList());
        return new KernelSymbol(base.isEmpty() ? name : base, symbol.list, name);
    }

    private void step() {
        char c = name.charAt(at);
        if (Names.isDigit(name, at)) {
            identifier();
        } else if (c == 'S' || c == 'T') {
            at = afterReference();
        } else if (c == 'L' && Names.isLetter(name, at + 1) && isNumber(at + 2)) {
            literal();
        } else {
            inList |= c == 'I' && !head.isEmpty();
            String type = TYPES.getOrDefault(c, "");
            if (inList && !type.isEmpty()) {
                list.add(new Word(type, Kind.TYPE));
            }
            at++;
        }
    }

    private void identifier() {
        int length = 0;
        int digits = 0;
        while (Names.isDigit(name, at) && digits < LONGEST_LENGTH) {
            length = length * 10 + name.charAt(at) - '0';
            at++;
            digits++;
        }
        int end = Math.min(name.length(), at + length);
        String text = name.substring(at, end);
        at = Math.max(end, at);
        if (!text.isEmpty() && !text.startsWith("_GLOBAL__N")) {
            Kind kind = Names.isDigit(name, at)
                    ? Kind.QUALIFIER
                    : WrittenSymbol.TYPES.contains(text) ? Kind.TYPE : Kind.NAME;
            (inList || isWhole() ? list : head).add(new Word(text, kind));
        }
    }

    /// Whether the function's name has ended.
    private boolean isWhole() {
        return !head.isEmpty() && head.getLast().is(Kind.NAME);
    }

    /// `Li64E` is the number 64.
    private void literal() {
        int begin = at + 2;
        int end = begin;
        while (isNumber(end)) {
            end++;
        }
        if (inList) {
            list.add(new Word(name.substring(begin, end), Kind.NUMBER));
        }
        at = end;
    }

    private boolean isNumber(int place) {
        return Names.isDigit(name, place) || (place < name.length() && name.charAt(place) == 'n');
    }

    /// After `S_`, `S1A_`, `T_`, `T0_`, `St`.
    private int afterReference() {
        int end = at + 1;
        while (Names.isDigit(name, end)
                || (end < name.length() && name.charAt(end) >= 'A' && name.charAt(end) <= 'Z')) {
            end++;
        }
        return end < name.length() && name.charAt(end) == '_' ? end + 1 : at + 2;
    }
}
