package dev.hourglass.core.model;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// A model as its configuration describes it: sections of operators, and what was understood of the
/// configuration.
///
/// @param source the file it was read from
/// @param architecture the class that runs it, for example `Qwen3MoeForCausalLM`
/// @param family the description it was built from, for example `qwen3_moe`
/// @param sections the text model (or decoder) in the order of execution
/// @param tower the encoder or vision tower before it
/// @param positions longest context that the model was made for
/// @param storage how its weights are stored
/// @param reading what was and was not understood
public record Model(
        String source,
        String architecture,
        String family,
        List<Section> sections,
        Optional<Tower> tower,
        OptionalLong positions,
        Storage storage,
        Reading reading) {

    public Model {
        sections = List.copyOf(sections);
    }

    /// What became of a configuration's keys.
    ///
    /// @param understood keys that were read
    /// @param notUnderstood keys that nobody read and that are not known to change nothing
    /// @param defaulted family defaults that stood in for absent keys
    /// @param notes what else a reader of the numbers must know
    /// @param doubts what a reader must know before the numbers, gravest first
    public record Reading(
            List<String> understood,
            List<String> notUnderstood,
            Map<String, String> defaulted,
            List<String> notes,
            List<Doubt> doubts) {
        public Reading {
            understood = List.copyOf(understood);
            notUnderstood = List.copyOf(notUnderstood);
            notes = List.copyOf(notes);
            doubts = doubts.stream().sorted(Comparator.comparing(Doubt::effect)).toList();
        }

        Reading noting(List<String> more) {
            return new Reading(
                    understood,
                    notUnderstood,
                    defaulted,
                    Stream.concat(notes.stream(), more.stream()).toList(),
                    doubts);
        }

        Reading doubting(List<Doubt> more) {
            return new Reading(
                    understood,
                    notUnderstood,
                    defaulted,
                    notes,
                    Stream.concat(doubts.stream(), more.stream()).toList());
        }
    }

    /// The same model with its weights stored in another way.
    public Model with(Storage other) {
        return new Model(source, architecture, family, sections, tower, positions, other, reading);
    }

    /// The same model with more to say about its numbers.
    public Model noting(List<String> more) {
        return with(reading.noting(more));
    }

    /// The same model with what engines would say to its spread.
    ///
    /// @throws ModelException if it cannot be spread so
    public Model spread(Parallel parallel) {
        return doubting(new Spread(this, parallel).doubts());
    }

    /// The same model with more to doubt about its numbers.
    public Model doubting(List<Doubt> more) {
        return with(reading.doubting(more));
    }

    public Model with(Reading other) {
        return new Model(source, architecture, family, sections, tower, positions, storage, other);
    }

    /// Bytes of all weights.
    ///
    /// @throws IllegalStateException if they are not known, see [Storage#unknown()]
    public long weightBytes() {
        if (storage.unknown().isPresent()) {
            throw new IllegalStateException("the bytes of the weights are not known");
        }
        return storage.bytesByFormat(this).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /// The text model's sections and the tower's.
    public Stream<Section> everySection() {
        return Stream.concat(tower.stream().flatMap(t -> t.sections().stream()), sections.stream());
    }

    /// Number of layers of the text model.
    public int layers() {
        return (int)
                sections.stream().filter(s -> s.layer() != Section.NO_LAYER).count();
    }

    public long parameters() {
        return everySection().mapToLong(Section::parameters).reduce(0, Math::addExact);
    }

    /// All parameters less routed experts, plus the share of them that a token uses.
    public long activeParameters() {
        long sum = 0;
        for (Operator operator : operators()) {
            long parameters = operator.parameters();
            sum = Math.addExact(
                    sum,
                    operator instanceof Operator.Experts e
                            ? Math.multiplyExact(parameters / e.total(), e.chosen())
                            : parameters);
        }
        return sum;
    }

    /// Parameters by group; groups without parameters are absent.
    public Map<Group, Long> parametersByGroup() {
        Map<Group, Long> sums = new EnumMap<>(Group.class);
        for (Operator operator : operators()) {
            for (Weight weight : operator.weights()) {
                sums.merge(weight.group(), weight.elements(), Math::addExact);
            }
        }
        sums.values().removeIf(count -> count == 0);
        return sums;
    }

    /// The routed experts of its first expert layer; every other layer has the same.
    public Optional<Operator.Experts> experts() {
        return sections.stream()
                .flatMap(s -> s.operators().stream())
                .filter(Operator.Experts.class::isInstance)
                .map(Operator.Experts.class::cast)
                .findFirst();
    }

    private List<Operator> operators() {
        return everySection().flatMap(s -> s.operators().stream()).toList();
    }
}
