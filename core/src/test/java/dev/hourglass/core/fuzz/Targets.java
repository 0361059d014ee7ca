package dev.hourglass.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.AnalysisHeads;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelFiles;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.ForeignFormat;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.read.chrome.ChromeRoads;
import dev.hourglass.core.read.chrome.ChromeTraceReader;
import dev.hourglass.core.read.nsys.NsysSqliteReader;
import dev.hourglass.core.read.probe.ProbeReader;
import dev.hourglass.core.read.session.HourglassReader;
import dev.hourglass.core.read.session.ProfileMateReader;
import dev.hourglass.core.read.text.CublasLogReader;
import dev.hourglass.core.read.text.CublasLtLogReader;
import dev.hourglass.core.read.text.NcuCsvReader;
import dev.hourglass.core.read.text.NvidiaSmiDmonReader;
import dev.hourglass.core.read.text.NvidiaSmiReader;
import dev.hourglass.core.read.text.NvmlCsvReader;
import dev.hourglass.core.read.text.PerfScriptReader;
import dev.hourglass.core.read.text.PerfStatReader;
import dev.hourglass.core.read.text.PrometheusReader;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Everything that is handed other people's bytes.
final class Targets {
    private static final int STRETCH = 700;

    private Targets() {}

    /// @param folder for files that are made once
    static List<Target> all(Path folder) throws IOException {
        List<Target> all = new ArrayList<>();
        chrome(all);
        text(all);
        nsys(all, folder);
        sessions(all, folder);
        models(all, folder);
        all.add(new Target("sql-head", heads(), Optional.empty(), (input, f) -> {
            try {
                AnalysisHeads.read(string(input.bytes()));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("any");
            }
        }));
        all.add(new Target(
                "sql-statements",
                heads(),
                Optional.empty(),
                (input, f) -> SqlText.statements(string(input.bytes())).forEach(SqlText::adapted)));
        all.add(whole(folder).costing(40));
        return all;
    }

    private static void chrome(List<Target> all) throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String resource : List.of(
                "kineto/kineto.json",
                "kineto-legacy/legacy.json",
                "chrome-array/events.json",
                "chrome-begin-end/begin_end.json",
                "onnxruntime/onnxruntime_profile.json",
                "rtp-llm/rtp_llm.json",
                "sglang/sglang.json")) {
            byte[] whole = Imported.resource("/golden/" + resource);
            seeds.add(SlowChrome.oneEventALine(whole));
        }
        for (byte[] seed : seeds) {
            assertThat(SlowChrome.of(seed).end()).isEqualTo(SlowChrome.End.WHOLE);
        }
        Optional<Integer> first = Optional.of(1);
        ToIntFunction<Imported> slices = read -> read.rows(TraceTables.SLICE).size();
        all.add(new Target("chrome", seeds, first, (input, f) -> {
            Optional<Imported> read = read(new ChromeTraceReader(), input.bytes());
            read.ifPresent(r -> SlowChrome.compare(r, input.bytes()));
            nothingLost(read, input, bytes -> read(new ChromeTraceReader(), bytes), slices);
        }));
        all.add(new Target("chrome-stretches", seeds, first, (input, f) -> {
            Path file = Files.write(f.resolve("trace.json"), input.bytes());
            TraceReader stretches = ChromeRoads.inStretches(STRETCH);
            Optional<Imported> read = tolerant(() -> Imported.of(stretches, FileSource.of(file)));
            Optional<Imported> once = tolerant(() -> Imported.of(new ChromeTraceReader(), FileSource.of(file)));
            assertThat(read.map(Imported::size)).as("rows of either road").isEqualTo(once.map(Imported::size));
        }));
    }

    private static void text(List<Target> all) {
        line(all, "cublas", new CublasLogReader(), 0, "cublas/cublas.log");
        line(all, "cublaslt", new CublasLtLogReader(), 0, "cublaslt/cublaslt.log");
        line(all, "ncu", new NcuCsvReader(), 4, "ncu-raw/ncu_raw.csv", "ncu-details/ncu_details.csv");
        line(all, "nvml", new NvmlCsvReader(), 1, "nvml/nvml_gpm.csv");
        line(all, "nvidia-smi", new NvidiaSmiReader(), 1, "nvidia-smi-query/nvidia_smi.csv");
        line(
                all,
                "nvidia-smi-dmon",
                new NvidiaSmiDmonReader(),
                2,
                "nvidia-smi-dmon/nvidia_smi_dmon.txt",
                "nvidia-smi-dmon-csv/nvidia_smi_dmon.csv",
                "nvidia-smi-dmon-gpm/nvidia_smi_dmon_gpm.txt");
        line(
                all,
                "perf-stat",
                new PerfStatReader(),
                0,
                "perf-stat-x/perf_stat.csv",
                "perf-stat-j/perf_stat.json",
                "perf-stat-interval/perf_stat_interval.csv",
                "perf-stat-x-repeat/perf_stat_repeat.csv");
        line(all, "perf-script", new PerfScriptReader(), 0, "perf-script/perf_script.txt");
        line(
                all,
                "prometheus",
                new PrometheusReader(),
                0,
                "prometheus-vllm/vllm.prom",
                "prometheus-llamacpp/llamacpp.prom",
                "prometheus-sglang/sglang.prom");
    }

    private static void line(List<Target> all, String name, TraceReader reader, int first, String... resources) {
        List<byte[]> seeds = Stream.of(resources)
                .map(resource -> Imported.resource("/golden/" + resource))
                .toList();
        all.add(new Target(name, seeds, Optional.of(first), (input, f) -> {
            Path file = Files.write(f.resolve("input.txt"), input.bytes());
            Readers.find(Imported.head("input.txt", input.bytes()));
            tolerant(() -> Imported.of(reader, FileSource.of(file)));
            try {
                ForeignFormat.advice(FileSource.of(file));
            } catch (TraceFormatException e) {
                Allowed.check(e);
            }
            nothingLost(read(reader, input.bytes()), input, bytes -> read(reader, bytes), Imported::size);
        }));
    }

    private static void nsys(List<Target> all, Path folder) throws IOException {
        Path made = Files.createDirectories(folder.resolve("nsys-seed"));
        byte[] seed = Files.readAllBytes(
                Recordings.write("nsys-sqlite", made, UnaryOperator.identity()).getFirst());
        all.add(new Target("nsys", List.of(seed), Optional.empty(), (input, f) -> {
            Path file = Files.write(f.resolve("nsys.sqlite"), input.bytes());
            tolerant(() -> Imported.of(new NsysSqliteReader(), FileSource.of(file)))
                    .ifPresent(read -> SlowNsys.compare(read, file));
        }));
    }

    private static void sessions(List<Target> all, Path folder) throws IOException {
        List<byte[]> segments = Stream.of(
                        "golden/engine-4243-4343-0",
                        "golden/worker-4244-4344-0",
                        "golden/python-4245-4345-0",
                        "gpu/cupti-22/frontend-4300-4400-0",
                        "gpu/cupti-130500/frontend-4300-4400-0")
                .map(name -> Imported.resource("/probe/" + name + ".seg"))
                .toList();
        all.add(new Target(
                "probe",
                segments,
                Optional.empty(),
                (input, f) -> tolerant(() -> Imported.of(new ProbeReader(), "engine-1-1-0.seg", input.bytes()))));
        directory(all, folder, "hourglass", 20, new HourglassReader());
        directory(all, folder, "profilemate", 5, new ProfileMateReader());
    }

    /// A directory in which one file is damaged.
    private static void directory(List<Target> all, Path folder, String name, int cost, TraceReader reader)
            throws IOException {
        Path made = Recordings.write(name, folder.resolve(name + "-seed"), UnaryOperator.identity())
                .getFirst();
        List<Path> files;
        try (Stream<Path> entries = Files.list(made)) {
            files = entries.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path damaged : files) {
            Optional<Integer> first = damaged.toString().endsWith(".csv") ? Optional.of(1) : Optional.empty();
            all.add(new Target(
                    name + "/" + damaged.getFileName(),
                    List.of(Files.readAllBytes(damaged)),
                    first,
                    cost,
                    (input, f) -> nothingLost(
                            inDirectory(reader, files, damaged, input.bytes(), f),
                            input,
                            bytes -> inDirectory(reader, files, damaged, bytes, f),
                            Imported::size)));
        }
    }

    private static Optional<Imported> inDirectory(
            TraceReader reader, List<Path> files, Path damaged, byte[] bytes, Path folder) throws IOException {
        Path directory = Files.createDirectories(folder.resolve("session"));
        for (Path file : files) {
            Path copy = directory.resolve(String.valueOf(file.getFileName()));
            Files.write(copy, file.equals(damaged) ? bytes : Files.readAllBytes(file));
        }
        return tolerant(() -> Imported.of(reader, FileSource.of(directory)));
    }

    private static void models(List<Target> all, Path folder) throws IOException {
        all.add(model("config", ModelFiles.configurations(), "config.json", ""));
        all.add(model(
                "quantisation",
                List.of(utf8("{\"quantization\": {\"quant_algo\": \"FP8\", \"kv_cache_quant_algo\": \"FP8\","
                        + " \"exclude_modules\": [\"lm_head\"], \"group_size\": 16}}")),
                "hf_quant_config.json",
                ModelFiles.configuration()));
        all.add(model(
                "weight-map",
                List.of(utf8("{\"metadata\": {\"total_size\": 172672}, \"weight_map\": {\"model.norm.weight\":"
                        + " \"model-00001-of-00002.safetensors\", \"lm_head.weight\": \"model.safetensors\"}}")),
                "model.safetensors.index.json",
                ModelFiles.configuration()));
        all.add(model(
                "safetensors",
                List.of(ModelFiles.safetensors(folder)),
                "model.safetensors",
                ModelFiles.configuration()));
        all.add(model("gguf", List.of(ModelFiles.gguf(folder)), "model.gguf", ""));
    }

    private static Target model(String name, List<byte[]> seeds, String file, String configuration) {
        return new Target(name, seeds, Optional.empty(), (input, f) -> {
            if (!configuration.isEmpty()) {
                Files.writeString(f.resolve("config.json"), configuration);
            }
            Files.write(f.resolve(file), input.bytes());
            try {
                Model model = ModelReader.read(f);
                assertThat(model.parameters()).isPositive();
                if (model.storage().unknown().isEmpty()) {
                    model.weightBytes();
                }
                model.reading().doubts();
            } catch (RuntimeException e) {
                Allowed.check(e);
            }
        });
    }

    /// From the bytes to the report.
    private static Target whole(Path folder) throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String name : Recordings.names()) {
            for (Path input : Recordings.write(name, folder.resolve("whole-" + name), UnaryOperator.identity())) {
                if (Files.isRegularFile(input)) {
                    seeds.add(Files.readAllBytes(input));
                }
            }
        }
        return new Target("whole", seeds, Optional.empty(), (input, f) -> {
            Path file = Files.write(f.resolve("input"), input.bytes());
            SessionLayout session = new SessionLayout(Files.createDirectory(f.resolve("session")));
            try {
                new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(List.of(file), session.database());
                Explained explained = Explained.of(session.directory());
                assertThat(HtmlReport.render(explained.report())).contains("</html>");
            } catch (RuntimeException e) {
                Allowed.check(e);
            }
        });
    }

    private static List<byte[]> heads() {
        return AnalysisLibrary.ids().stream()
                .map(id -> utf8(AnalysisLibrary.find(id).sql()))
                .toList();
    }

    /// Damage to a line costs that line, or is counted.
    ///
    /// @param rows that one line makes one of, or some
    private static void nothingLost(
            Optional<Imported> read, Target.Input input, Again again, ToIntFunction<Imported> rows) throws IOException {
        Optional<Imported> others =
                input.rest().isPresent() ? again.read(input.rest().get()) : Optional.empty();
        if (read.isEmpty() || others.isEmpty()) {
            return;
        }
        List<ImportStats.Loss> losses = read.get().context().stats().losses().stream()
                .filter(loss -> loss.severity() != Severity.INFO)
                .toList();
        boolean cut = losses.stream()
                .anyMatch(loss -> loss.kind().matches("truncated|damaged_.*|bad_envelope|content_behind|second_list"));
        long counted = losses.stream().mapToLong(ImportStats.Loss::count).sum();
        if (!cut) {
            int without = rows.applyAsInt(others.get());
            assertThat(rows.applyAsInt(read.get()) + counted)
                    .as("rows and losses, without the damaged line " + without + " rows: " + losses)
                    .isGreaterThanOrEqualTo(without);
        }
    }

    private interface Again {
        Optional<Imported> read(byte[] bytes) throws IOException;
    }

    private interface Reading {
        Imported read() throws IOException;
    }

    private static Optional<Imported> read(TraceReader reader, byte[] bytes) {
        return tolerant(() -> Imported.of(reader, "input", bytes));
    }

    /// Empty where the input was refused in the way that is documented.
    private static Optional<Imported> tolerant(Reading reading) {
        try {
            return Optional.of(reading.read());
        } catch (IOException | RuntimeException e) {
            Allowed.check(e);
            return Optional.empty();
        }
    }

    private static String string(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
