package dev.hourglass.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes as a command line gives them: `M=1:4096:*2` doubles, `N=128:1024:128` adds, `K=1024,4096` lists; several
/// axes
/// are combined.
///
/// @param byAxis sizes of each axis, rising
public record ShapeRanges(Map<String, List<Long>> byAxis) {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,15}):(\\d{1,15})(?::([*+]?)(\\d{1,15}))?");
    private static final Pattern AXIS = Pattern.compile("\\w{1,32}");
    /// Shapes of one operator; more are a mistake.
    private static final int MOST = 4096;

    /// @param told each `AXIS=RANGE`
    /// @throws IllegalArgumentException with one line for the user
    public static ShapeRanges parse(List<String> told) {
        Map<String, TreeSet<Long>> byAxis = new LinkedHashMap<>();
        for (String one : told) {
            int at = one.indexOf('=');
            if (at < 1 || !AXIS.matcher(one.substring(0, at)).matches()) {
                throw new IllegalArgumentException("--shape is AXIS=RANGE, as M=1:4096:*2 or K=1024,4096, not " + one);
            }
            TreeSet<Long> sizes = byAxis.computeIfAbsent(one.substring(0, at), axis -> new TreeSet<>());
            for (String part : one.substring(at + 1).split(",", -1)) {
                sizes.addAll(sizes(part, one));
            }
        }
        Map<String, List<Long>> all = new LinkedHashMap<>();
        byAxis.forEach((axis, sizes) -> all.put(axis, List.copyOf(sizes)));
        return new ShapeRanges(all);
    }

    private static List<Long> sizes(String part, String whole) {
        if (part.matches("\\d{1,15}")) {
            return List.of(positive(Long.parseLong(part), whole));
        }
        Matcher range = RANGE.matcher(part);
        if (!range.matches()) {
            throw new IllegalArgumentException(
                    "a range is FROM:TO, FROM:TO:STEP or FROM:TO:*FACTOR, not " + part + " in " + whole);
        }
        long from = positive(Long.parseLong(range.group(1)), whole);
        long to = Long.parseLong(range.group(2));
        boolean factor = "*".equals(range.group(3)) || range.group(4) == null;
        long by = range.group(4) == null ? 2 : Long.parseLong(range.group(4));
        if (to < from || by < (factor ? 2 : 1)) {
            throw new IllegalArgumentException(
                    "the range " + part + " in " + whole + (to < from ? " ends before it begins" : " never ends"));
        }
        List<Long> sizes = new ArrayList<>();
        for (long size = from; size <= to; size = factor ? size * by : size + by) {
            sizes.add(size);
            if (sizes.size() > MOST) {
                throw tooMany(whole);
            }
        }
        return sizes;
    }

    private static long positive(long size, String whole) {
        if (size < 1) {
            throw new IllegalArgumentException("sizes are whole numbers above 0, not " + size + " in " + whole);
        }
        return size;
    }

    private static IllegalArgumentException tooMany(String what) {
        return new IllegalArgumentException(what + " makes more than " + MOST + " shapes of one operator");
    }

    /// Every combination of the axes that an operator has.
    ///
    /// @param usual its axes, with the sizes that they have unless told
    public List<Map<String, Long>> of(Map<String, Long> usual) {
        List<Map<String, Long>> shapes = List.of(new LinkedHashMap<>(usual));
        for (Map.Entry<String, List<Long>> axis : byAxis.entrySet()) {
            if (usual.containsKey(axis.getKey())) {
                shapes = times(shapes, axis.getKey(), axis.getValue());
            }
        }
        return shapes;
    }

    private static List<Map<String, Long>> times(List<Map<String, Long>> shapes, String axis, List<Long> sizes) {
        if ((long) shapes.size() * sizes.size() > MOST) {
            throw tooMany("--shape " + axis);
        }
        List<Map<String, Long>> all = new ArrayList<>();
        for (Map<String, Long> shape : shapes) {
            for (long size : sizes) {
                Map<String, Long> one = new LinkedHashMap<>(shape);
                one.put(axis, size);
                all.add(one);
            }
        }
        return all;
    }
}
