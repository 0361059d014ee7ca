package dev.hourglass.device.host;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the machine is, as facts for the table `metadata`, all below `host.`.
///
/// A fact that the kernel does not tell is absent. Sizes are bytes.
///
/// @param facts by dotted name, in reading order
public record HostInfo(Map<String, String> facts) {
    private static final List<String> NOTED_FLAGS = List.of(
            "sse4_2",
            "avx",
            "f16c",
            "fma",
            "avx2",
            "avx_vnni",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_int8",
            "amx_bf16",
            "asimd",
            "asimddp",
            "i8mm",
            "bf16",
            "sve",
            "sve2",
            "sme");

    public HostInfo {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    public static HostInfo read() {
        return read(KernelFiles.system());
    }

    public static HostInfo read(KernelFiles files) {
        Facts facts = new Facts(new LinkedHashMap<>());
        Cpuinfo cpu = Cpuinfo.read(files);
        processor(files, cpu, facts);
        caches(files, facts);
        memory(files, facts);
        system(files, cpu, facts);
        return new HostInfo(facts.map);
    }

    /// Writes the facts as rows of `metadata`.
    public void write(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            facts.forEach((name, value) -> {
                rows.set("name", name).set("value", value);
                rows.end();
            });
        }
    }

    private record Facts(Map<String, String> map) {
        void put(String name, Object value) {
            if (!value.toString().isBlank()) {
                map.put("host." + name, value.toString());
            }
        }

        void put(String name, Optional<?> value) {
            value.ifPresent(v -> put(name, v));
        }

        void put(String name, OptionalLong value) {
            value.ifPresent(v -> put(name, Long.toString(v)));
        }
    }

    private static void processor(KernelFiles files, Cpuinfo cpu, Facts facts) {
        Set<Integer> online = online(files);
        Topology topology = Topology.read(files, online);
        facts.put("cpu", cpu.model().isEmpty() ? cpu.vendor() : cpu.model());
        facts.put("arch", System.getProperty("os.arch", ""));
        facts.put("cores_physical", topology.cores().size());
        facts.put("cores_logical", online.size());
        facts.put("smt", topology.simultaneous());
        facts.put("sockets", sockets(files, online));
        facts.put("isa", NOTED_FLAGS.stream().filter(cpu.flags()::contains).collect(Collectors.joining(" ")));
        Path cpufreq =
                Cpuinfo.cpufreq(files, online.isEmpty() ? 0 : online.iterator().next());
        facts.put("governor", files.text(cpufreq.resolve("scaling_governor")));
        facts.put("cpu_max_mhz", megahertz(files.number(cpufreq.resolve("cpuinfo_max_freq"))));
        if (!cpu.measuresClock() && !cpu.mhz().isEmpty()) {
            facts.put("cpu_nominal_mhz", cpu.mhz().values().iterator().next());
        }
    }

    private static OptionalLong megahertz(OptionalLong khz) {
        return khz.isPresent() ? OptionalLong.of(khz.getAsLong() / 1000) : khz;
    }

    public static Set<Integer> online(KernelFiles files) {
        return files.text(files.sys().resolve("devices/system/cpu/online"))
                .map(KernelFiles::cpuList)
                .filter(cpus -> !cpus.isEmpty())
                .orElseGet(() -> new TreeSet<>(
                        CpuTimes.parse(files.text(files.proc().resolve("stat")).orElse(""))
                                .cores()
                                .keySet()));
    }

    private static Optional<Long> sockets(KernelFiles files, Set<Integer> online) {
        long sockets = online.stream()
                .flatMap(cpu -> files.text(Cpuinfo.cpu(files, cpu).resolve("topology/physical_package_id")).stream())
                .distinct()
                .count();
        return sockets == 0 ? Optional.empty() : Optional.of(sockets);
    }

    /// Sizes of one cache of each level, as one core sees it; the last level is shared.
    private static void caches(KernelFiles files, Facts facts) {
        for (Cache cache : Cache.ofCore(files, 0)) {
            if (!cache.type().equals("Instruction")) {
                facts.put("l" + cache.level() + (cache.type().equals("Data") ? "d" : "") + "_bytes", cache.bytes());
            }
        }
        Cache.lastLevelTotal(files, online(files)).ifPresent(total -> facts.put("llc_total_bytes", total));
    }

    private static void memory(KernelFiles files, Facts facts) {
        List<String> lines = files.lines(files.proc().resolve("meminfo"));
        facts.put("memory_bytes", kibibytes(lines, "MemTotal"));
        facts.put("swap_bytes", kibibytes(lines, "SwapTotal"));
        long nodes = files.names(files.sys().resolve("devices/system/node")).stream()
                .filter(name -> name.matches("node\\d+"))
                .count();
        if (nodes > 0) {
            facts.put("numa_nodes", nodes);
        }
        facts.put("transparent_hugepages", chosen(files, "kernel/mm/transparent_hugepage/enabled"));
    }

    /// The word in brackets of a file such as `always [madvise] never`.
    public static Optional<String> chosen(KernelFiles files, String below) {
        return files.text(files.sys().resolve(below))
                .map(text -> text.replaceFirst("(?s)^.*\\[", "").replaceFirst("(?s)\\].*$", ""));
    }

    static OptionalLong kibibytes(List<String> lines, String key) {
        OptionalLong kib = KernelFiles.field(lines, key).map(KernelFiles::parse).orElse(OptionalLong.empty());
        return kib.isPresent() ? OptionalLong.of(kib.getAsLong() * 1024) : kib;
    }

    private static void system(KernelFiles files, Cpuinfo cpu, Facts facts) {
        facts.put("kernel", files.text(files.proc().resolve("sys/kernel/osrelease")));
        facts.put("name", files.text(files.proc().resolve("sys/kernel/hostname")));
        facts.put("virtualization", virtualization(files, cpu));
        facts.put("perf_event_paranoid", files.text(files.proc().resolve("sys/kernel/perf_event_paranoid")));
        ControlGroup group = ControlGroup.of(files, ProcessHandle.current().pid());
        if (group.cpus().isPresent()) {
            facts.put("cgroup_cpus", group.cpus().getAsDouble());
        }
        facts.put("cgroup_memory_bytes", group.memoryBytes());
    }

    /// `none`, or what kind of guest this is.
    public static String virtualization(KernelFiles files, Cpuinfo cpu) {
        String machine = cpu.guest() ? "virtual machine" + vendor(files) : "none";
        boolean container = files.text(files.process(1).resolve("cgroup"))
                .filter(text -> text.contains("docker") || text.contains("kubepods") || text.contains("containerd"))
                .isPresent();
        return container ? (cpu.guest() ? machine + ", " : "") + "container" : machine;
    }

    private static String vendor(KernelFiles files) {
        Path dmi = files.sys().resolve("class/dmi/id");
        String words = Stream.of("sys_vendor", "product_name")
                .flatMap(name -> files.text(dmi.resolve(name)).stream())
                .filter(word -> !word.isBlank())
                .collect(Collectors.joining(" "));
        return words.isEmpty() ? "" : " (" + words + ")";
    }
}
