package dev.hourglass.core.query;

import java.util.List;

/// A kernel's name taken apart: the function, and the words of its template list.
///
/// @param base the function, with the qualifier in front where its own name says nothing
/// @param list the words between the function and its parameters, in order
/// @param front the name up to the parameters, or all of it where they cannot be told
record KernelSymbol(String base, List<Word> list, String front) {
    /// What a word of a template list is.
    enum Kind {
        /// A namespace or a class before `::`.
        QUALIFIER,
        /// A class, a function or a value with a name.
        NAME,
        /// A type of numbers.
        TYPE,
        /// A number.
        NUMBER
    }

    record Word(String text, Kind kind) {
        boolean is(Kind other) {
            return kind == other;
        }
    }

    /// Takes a name apart, as the driver gives it.
    static KernelSymbol of(String name) {
        String read = name.substring(0, Math.min(name.length(), KernelRules.READ));
        return read.startsWith("_Z") ? MangledSymbol.of(read) : WrittenSymbol.of(read);
    }
}
