package dev.hourglass.app.bench;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Section;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The operators of a model at the shapes that it runs them at: a decode step at several batch sizes, and a prefill.
///
/// Layers of the same kind have the same shapes: each shape comes once.
public final class ModelShapes {
    private static final long PAIR = 2;

    private final List<Long> batches;
    private final long prompt;
    private final long context;
    private final double weightBytes;
    private final Set<Shape> shapes = new LinkedHashSet<>();

    /// One operator at one shape.
    public record Shape(String op, Map<String, Long> axes) {
        private static Shape of(String op, Object... sizes) {
            Map<String, Long> axes = new LinkedHashMap<>();
            for (int i = 0; i < sizes.length; i += 2) {
                axes.put((String) sizes[i], (Long) sizes[i + 1]);
            }
            return new Shape(op, axes);
        }
    }

    private ModelShapes(List<Long> batches, long prompt, long context, double weightBytes) {
        this.batches = batches;
        this.prompt = prompt;
        this.context = context;
        this.weightBytes = weightBytes;
    }

    /// @param batches sequences of a decode step
    /// @param prompt tokens of a prefill
    /// @param context tokens cached at a decode step
    public static List<Shape> of(Model model, List<Long> batches, long prompt, long context) {
        double each = model.storage().unknown().isPresent() ? PAIR : (double) model.weightBytes() / model.parameters();
        ModelShapes all = new ModelShapes(batches, prompt, context, each);
        for (Section section : model.sections()) {
            section.operators().forEach(all::add);
        }
        return new ArrayList<>(all.shapes);
    }

    private void add(Operator operator) {
        switch (operator) {
            case Operator.Linear l -> linear(l);
            case Operator.Norm n ->
                tokens().forEach(t -> shapes.add(Shape.of("rmsnorm", "T", t * n.vectors(), "H", n.width())));
            case Operator.Lookup l ->
                tokens().forEach(t -> shapes.add(Shape.of("embedding", "T", t, "H", l.width(), "V", l.rows())));
            case Operator.Attention a -> attention(a);
            case Operator.Experts e -> experts(e);
            default -> {
                // No device has an operator for it alone.
            }
        }
    }

    /// New tokens of each step that is measured: a decode step has one of each sequence.
    private List<Long> tokens() {
        List<Long> tokens = new ArrayList<>(batches);
        if (!tokens.contains(prompt)) {
            tokens.add(prompt);
        }
        return tokens;
    }

    private void linear(Operator.Linear l) {
        List<Long> rows = l.scope() instanceof Scope.Logits ? batches : tokens();
        rows.forEach(m -> shapes.add(Shape.of("gemm", "M", m, "N", l.outputs(), "K", l.inputs())));
        if (l.group() == Group.MLP && l.name().endsWith("gate_proj")) {
            rows.forEach(t -> shapes.add(Shape.of("silu_mul", "T", t, "I", l.outputs())));
        }
    }

    private void attention(Operator.Attention a) {
        tokens().forEach(t ->
                shapes.add(Shape.of("rope", "T", t, "h", a.queryHeads() + a.keyHeads(), "d", a.keyWidth())));
        batches.forEach(b -> shapes.add(Shape.of(
                "attention_decode",
                "B",
                b,
                "L",
                context,
                "hq",
                a.queryHeads(),
                "hkv",
                a.keyHeads(),
                "d",
                a.keyWidth())));
        shapes.add(Shape.of(
                "attention_prefill",
                "B",
                1L,
                "S",
                prompt,
                "hq",
                a.queryHeads(),
                "hkv",
                a.keyHeads(),
                "d",
                a.keyWidth()));
    }

    /// With the transfer of one expert to a GPU: S_exp over B_pcie.
    private void experts(Operator.Experts e) {
        tokens().forEach(t -> {
            shapes.add(
                    Shape.of("moe", "T", t, "E", e.total(), "k", e.chosen(), "H", e.hidden(), "I", e.intermediate()));
            shapes.add(Shape.of("moe_route", "T", t, "E", e.total(), "k", e.chosen()));
        });
        long bytes = Math.round(e.matrices() * (double) e.hidden() * e.intermediate() * weightBytes);
        long whole = Math.ceilDiv(bytes, 16) * 16;
        shapes.add(Shape.of("h2d_pinned", "bytes", whole));
        shapes.add(Shape.of("h2d_pageable", "bytes", whole));
    }
}
