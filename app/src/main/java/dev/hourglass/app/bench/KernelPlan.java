package dev.hourglass.app.bench;

import dev.hourglass.core.text.Nearest;
import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.bench.process.BenchJob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// Which operators are to be timed at which shapes: what was asked for, against what a device has.
public final class KernelPlan {
    private final String device;
    private final Map<String, Backend.Offer> offers = new LinkedHashMap<>();
    private final List<String> dtypes;
    private final List<Work.Cache> caches;
    private final List<BenchJob.Item> items = new ArrayList<>();

    /// @param offers what the device has
    /// @param dtypes number formats; of an operator its first where none is given
    /// @param caches where inputs lie
    public KernelPlan(String device, List<Backend.Offer> offers, List<String> dtypes, List<Work.Cache> caches) {
        this.device = device;
        offers.forEach(offer -> this.offers.put(offer.op(), offer));
        this.dtypes = List.copyOf(dtypes);
        this.caches = List.copyOf(caches);
    }

    /// Operators by name, all where none is named, at every shape of the ranges.
    ///
    /// @throws IllegalArgumentException with one line for the user
    public List<BenchJob.Item> of(List<String> ops, ShapeRanges ranges) {
        List<String> names = ops.isEmpty() ? new ArrayList<>(offers.keySet()) : ops;
        List<Backend.Offer> chosen = names.stream().map(this::offer).toList();
        for (String axis : ranges.byAxis().keySet()) {
            TreeSet<String> known = new TreeSet<>();
            chosen.forEach(offer -> known.addAll(offer.axes().keySet()));
            if (!known.contains(axis)) {
                throw new IllegalArgumentException("no axis " + axis + " in " + String.join(", ", names) + ": there "
                        + (known.size() == 1 ? "is " : "are ") + String.join(", ", known));
            }
        }
        for (Backend.Offer offer : chosen) {
            ranges.of(offer.axes()).forEach(axes -> add(offer, axes));
        }
        requireSome("none of " + String.join(", ", names) + " is there in " + String.join(", ", dtypes));
        return items;
    }

    /// Operators of a model, as far as the device has them.
    ///
    /// @param ops only these; all where none is named
    public List<BenchJob.Item> of(List<ModelShapes.Shape> shapes, List<String> ops) {
        ops.forEach(this::offer);
        for (ModelShapes.Shape shape : shapes) {
            Backend.Offer offer = offers.get(shape.op());
            if (offer != null && (ops.isEmpty() || ops.contains(shape.op()))) {
                Map<String, Long> axes = new LinkedHashMap<>(offer.axes());
                shape.axes().forEach((axis, size) -> axes.replace(axis, size));
                add(offer, axes);
            }
        }
        requireSome("the model has no operator that " + device + " can run alone");
        return items;
    }

    private void requireSome(String otherwise) {
        if (items.isEmpty()) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private Backend.Offer offer(String op) {
        Backend.Offer offer = offers.get(op);
        if (offer == null) {
            throw new IllegalArgumentException("no operator " + op + " on " + device + Nearest.hint(op, offers.keySet())
                    + "; `hourglass kernels --device " + device + " --list` lists them");
        }
        return offer;
    }

    private void add(Backend.Offer offer, Map<String, Long> axes) {
        List<String> formats = dtypes.isEmpty()
                ? List.of(offer.dtypes().getFirst())
                : dtypes.stream().filter(offer.dtypes()::contains).toList();
        for (String dtype : formats) {
            for (Work.Cache cache : caches) {
                BenchJob.Item item =
                        new BenchJob.Item(offer.op(), axes, dtype, cache, again(offer.op(), axes, dtype, cache));
                if (!items.contains(item)) {
                    items.add(item);
                }
            }
        }
    }

    private String again(String op, Map<String, Long> axes, String dtype, Work.Cache cache) {
        StringBuilder line =
                new StringBuilder("hourglass kernels --device " + device + " --op " + op + " --dtype " + dtype);
        axes.forEach((axis, size) ->
                line.append(" --shape ").append(axis).append('=').append(size));
        return line.append(" --").append(cache.name().toLowerCase(Locale.ROOT)).toString();
    }
}
