package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a checkpoint declares about quantised weights: which modules are stored in which format, and
/// what keys and values are kept in.
///
/// @param method as declared: `fp8`, `gptq`
/// @param rules the first that covers a weight decides; none leaves it plain
/// @param plain modules that are not quantised, whatever the rules say
/// @param cache format of keys and values, where one is declared
/// @param unknown why the bytes cannot be known; empty where they can
public record Quantization(
        String method, List<Rule> rules, ModuleNames plain, Optional<DType> cache, Optional<String> unknown) {

    /// What linear layers of a text model are, as quantisers see them.
    public static final Set<Group> LINEAR = Set.of(
            Group.ATTN,
            Group.CROSS_ATTN,
            Group.MLP,
            Group.ROUTED_EXPERTS,
            Group.SHARED_EXPERTS,
            Group.LINEAR_ATTN,
            Group.SSM,
            Group.CONV,
            Group.OTHER);

    public Quantization {
        rules = List.copyOf(rules);
    }

    /// A format for some modules.
    ///
    /// @param groups whose matrices it covers; empty for all, tables included where `tables`
    /// @param names modules that it covers; empty for all of the groups
    /// @param format empty for those that stay plain
    public record Rule(Set<Group> groups, Optional<ModuleNames> names, boolean tables, Optional<WeightFormat> format) {
        public static Rule everywhere(Set<Group> groups, WeightFormat format) {
            return new Rule(groups, Optional.empty(), false, Optional.of(format));
        }

        public static Rule named(ModuleNames names, WeightFormat format) {
            return new Rule(Set.of(), Optional.of(names), true, Optional.of(format));
        }

        public boolean covers(String module, Weight weight) {
            boolean kind = weight.kind() == Weight.Kind.MATRIX || (tables && weight.kind() == Weight.Kind.TABLE);
            return kind
                    && (groups.isEmpty() || groups.contains(weight.group()))
                    && names.map(n -> n.contains(module, weight)).orElse(true);
        }
    }

    public static Quantization of(String method, List<Rule> rules, ModuleNames plain) {
        return new Quantization(method, rules, plain, Optional.empty(), Optional.empty());
    }

    /// One format for the linear layers of the text model.
    public static Quantization of(String method, WeightFormat format, ModuleNames plain) {
        return of(method, List.of(Rule.everywhere(LINEAR, format)), plain);
    }

    /// Declared, but not understood: bytes would be a guess.
    public static Quantization unknown(String method, String why) {
        return new Quantization(method, List.of(), ModuleNames.NONE, Optional.empty(), Optional.of(why));
    }

    /// With the routed experts in a format of their own, unless another rule names them.
    public Quantization withExperts(WeightFormat format) {
        List<Rule> more = new ArrayList<>(
                rules.stream().filter(rule -> rule.names().isPresent()).toList());
        more.add(Rule.everywhere(Set.of(Group.ROUTED_EXPERTS), format));
        rules.stream().filter(rule -> rule.names().isEmpty()).forEach(more::add);
        return new Quantization(method, more, plain, cache, unknown);
    }

    public Quantization caching(Optional<DType> type) {
        return new Quantization(method, rules, plain, cache.or(() -> type), unknown);
    }

    /// The format in which a weight of a module is stored; empty where it is plain.
    public Optional<WeightFormat> format(String module, Weight weight) {
        if (weight.kind() == Weight.Kind.PLAIN || plain.contains(module, weight)) {
            return Optional.empty();
        }
        return rules.stream()
                .filter(rule -> rule.covers(module, weight))
                .findFirst()
                .flatMap(Rule::format);
    }

    /// Whether any rule has names that no module of the model answers to.
    public boolean coversNothing(Model model) {
        return !rules.isEmpty()
                && model.everySection()
                        .noneMatch(section -> section.operators().stream()
                                .anyMatch(operator -> operator.weights().stream()
                                        .anyMatch(weight -> format(section.path(operator), weight)
                                                .isPresent())));
    }
}
