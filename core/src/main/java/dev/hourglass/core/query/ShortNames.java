package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The short names of one session: no two full names share one.
///
/// A name whose short form is its own alone keeps it, whatever else the session holds. Others get what their template
/// lists tell apart behind it (`FlashAttnFwdSm90 64x192x64 [true false]`), and a number where that is cut or nothing.
final class ShortNames {
    /// Longest text between the brackets, in characters.
    private static final int LONGEST = 40;
    /// Of a name, so many words are compared.
    private static final int WORDS = 1024;

    private final List<String> names;
    private final String[] brief;
    private final Set<String> used = new HashSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    private ShortNames(List<String> names) {
        this.names = names;
        this.brief = new String[names.size()];
    }

    /// @return the short name of each, in the order of the names; it does not depend on that order
    static List<String> of(List<String> names) {
        ShortNames all = new ShortNames(names);
        all.read();
        return List.of(all.brief);
    }

    private void read() {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(names::get));
        order.forEach(i -> groups.computeIfAbsent(ShortName.of(names.get(i)), key -> new ArrayList<>())
                .add(i));
        groups.forEach((text, members) -> {
            if (members.size() == 1) {
                take(members.getFirst(), text);
            }
        });
        groups.forEach((text, members) -> {
            if (members.size() > 1) {
                tellApart(text, members);
            }
        });
    }

    private void tellApart(String text, List<Integer> members) {
        Difference difference = Difference.of(members.stream().map(names::get).toList());
        for (int member : members) {
            String told = difference.in(names.get(member));
            take(member, told.isEmpty() ? text : text + " [" + Names.cut(told, LONGEST) + "]");
        }
    }

    private void take(int member, String text) {
        String own = text;
        while (!used.add(own)) {
            own = text + " #" + numbers.merge(text, 2, (number, second) -> number + 1);
        }
        brief[member] = own;
    }

    /// What some of the names say and not all.
    ///
    /// @param alike whether the names are made alike: as many words, and most of them the same at the same place
    /// @param places which words differ, of names that are
    /// @param common the words that all have, of names that are not
    private record Difference(boolean alike, BitSet places, Set<String> common) {
        static Difference of(List<String> names) {
            List<String> first = words(names.getFirst());
            BitSet places = new BitSet();
            Set<String> common = new HashSet<>(first);
            boolean even = true;
            for (String name : names) {
                List<String> words = words(name);
                even &= words.size() == first.size();
                common.retainAll(new HashSet<>(words));
                for (int i = 0; even && i < first.size(); i++) {
                    places.set(i, places.get(i) || !words.get(i).equals(first.get(i)));
                }
            }
            return new Difference(even && places.cardinality() * 2 <= first.size(), places, common);
        }

        private static List<String> words(String name) {
            return Names.runs(KernelSymbol.of(name).front(), WORDS);
        }

        String in(String name) {
            List<String> words = words(name);
            return alike
                    ? places.stream().mapToObj(words::get).collect(Collectors.joining(" "))
                    : words.stream()
                            .filter(word -> !common.contains(word))
                            .distinct()
                            .collect(Collectors.joining(" "));
        }
    }
}
