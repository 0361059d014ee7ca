package dev.hourglass.core.fuzz;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A reader or a parser with inputs that it reads, and what must hold of it whatever it is given.
///
/// @param name as finds are reported
/// @param seeds inputs as they should be
/// @param firstLine the first line that can be damaged alone; empty for what has no lines
/// @param cost how many inputs of a reader take as long as one of these
/// @param check throws what it finds
record Target(String name, List<byte[]> seeds, Optional<Integer> firstLine, int cost, Check check) {
    Target(String name, List<byte[]> seeds, Optional<Integer> firstLine, Check check) {
        this(name, seeds, firstLine, 1, check);
    }

    /// The same, of which one input takes as long as several of others.
    Target costing(int inputs) {
        return new Target(name, seeds, firstLine, inputs, check);
    }

    /// What must hold.
    interface Check {
        /// @param input that somebody gives
        /// @param folder for files, empty
        void of(Input input, Path folder) throws Exception;
    }

    /// An input.
    ///
    /// @param rest the same without the lines that were damaged; empty where that is not known
    record Input(byte[] bytes, Optional<byte[]> rest) {}

    /// The input of a number; every number stands for one.
    ///
    /// @param longest bytes of what is repeated in it
    Input input(long number, int longest) {
        Mutator mutator = new Mutator(name.hashCode() * 1_000_003L + number, longest);
        byte[] seed = mutator.one(seeds);
        byte[] other = mutator.one(seeds);
        return firstLine.isPresent() && mutator.below(2) == 0
                ? lines(seed, other, firstLine.get(), mutator)
                : new Input(mutator.damaged(seed, other), Optional.empty());
    }

    private static Input lines(byte[] seed, byte[] other, int first, Mutator mutator) {
        List<byte[]> lines = Mutator.split(seed);
        List<byte[]> rest = new ArrayList<>(lines);
        if (lines.size() <= first + 1) {
            return new Input(mutator.damaged(seed, other), Optional.empty());
        }
        int at = first + mutator.below(lines.size() - 1 - first);
        byte[] damaged = mutator.damaged(lines.get(at), other);
        for (int i = 0; i < damaged.length; i++) {
            damaged[i] = damaged[i] == '\n' ? (byte) ' ' : damaged[i];
        }
        lines.set(at, damaged);
        rest.remove(at);
        return new Input(Mutator.joined(lines), Optional.of(Mutator.joined(rest)));
    }

    @Override
    public String toString() {
        return name;
    }
}
