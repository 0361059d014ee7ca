package dev.hourglass.device.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Where the kernel tells about itself. A file that is missing, unreadable or odd is an empty value:
/// containers and old kernels lack many.
///
/// @param proc the mount of procfs, `/proc`
/// @param sys the mount of sysfs, `/sys`
public record KernelFiles(Path proc, Path sys) {

    private static final int PORTION = 1 << 14;
    /// Guards against a range that no machine has.
    private static final int MOST_CPUS = 1 << 16;

    /// Those of the running system.
    public static KernelFiles system() {
        return new KernelFiles(Path.of("/proc"), Path.of("/sys"));
    }

    public Path process(long pid) {
        return proc.resolve(Long.toString(pid));
    }

    public Optional<String> text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(content(in), StandardCharsets.UTF_8).strip());
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    /// Settings of the kernel have an end behind whatever the first read asked for, so that is as much as any holds.
    private static byte[] content(InputStream in) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] portion = new byte[PORTION];
        for (int read = in.read(portion); read > 0; read = in.read(portion)) {
            content.write(portion, 0, read);
        }
        return content.toByteArray();
    }

    List<String> lines(Path file) {
        return text(file).map(text -> text.lines().toList()).orElse(List.of());
    }

    public OptionalLong number(Path file) {
        return text(file).map(KernelFiles::parse).orElse(OptionalLong.empty());
    }

    /// Value behind `key:` in a file of such lines, for example `VmRSS` in a status file.
    public Optional<String> field(Path file, String key) {
        return field(lines(file), key);
    }

    public static Optional<String> field(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key)
                        && line.substring(key.length()).stripLeading().startsWith(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    /// The first number in a text such as `1024 kB`.
    public static OptionalLong parse(String text) {
        String head = text.strip().split("\\s+", 2)[0];
        try {
            return OptionalLong.of(Long.parseLong(head));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    /// Names in a directory, sorted; empty where it cannot be listed.
    public List<String> names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException | UncheckedIOException absent) {
            return List.of();
        }
    }

    /// The CPUs in a list such as `0-3,8`.
    static TreeSet<Integer> cpuList(String list) {
        TreeSet<Integer> cpus = new TreeSet<>();
        for (String range : list.strip().split(",", -1)) {
            String[] ends = range.strip().split("-", 2);
            OptionalLong from = parse(ends[0]);
            OptionalLong to = ends.length == 2 ? parse(ends[1]) : from;
            if (from.isPresent() && to.isPresent()) {
                for (long cpu = from.getAsLong(); cpu <= to.getAsLong() && cpus.size() < MOST_CPUS; cpu++) {
                    cpus.add((int) cpu);
                }
            }
        }
        return cpus;
    }
}
