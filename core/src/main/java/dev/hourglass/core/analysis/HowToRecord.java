package dev.hourglass.core.analysis;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What to do so that a session holds rows of a table.
final class HowToRecord {
    private static final String GPU =
            "record GPU activity: torch.profiler with ProfilerActivity.CUDA, or nsys profile -t cuda,nvtx";
    private static final String ENGINE =
            "import the engine's metrics or log beside the trace, or record the engine with its probe";
    private static final String DECODE = "record a decode run on this machine: hourglass profile";
    private static final String SAMPLES = "sample the GPU beside the run: hourglass run and gpu-watch do, or nvidia-smi"
            + " --query-gpu=timestamp,index,power.draw,power.limit,power.max_limit,clocks.sm,"
            + "clocks.max.sm,clocks_event_reasons.active --format=csv -lms 100 > gpu.csv, and import that"
            + " file too";
    private static final String STEPS =
            "annotate the steps: with record_function(\"decode_0\") or an NVTX range; or say which annotations are steps:"
                    + " report --stages REGEX, import --stage-from REGEX";
    private static final Map<String, String> BY_TABLE = Map.ofEntries(
            Map.entry("kernel", GPU),
            Map.entry("device_op", GPU),
            Map.entry("host_step", STEPS),
            Map.entry("memcpy", "record GPU activity of a run that copies between host and device"),
            Map.entry(
                    "launch", "record the host's calls too: ProfilerActivity.CPU beside CUDA, or nsys profile -t cuda"),
            Map.entry(
                    "critical_segment",
                    "record the host's calls with their correlation to the work: ProfilerActivity.CPU beside CUDA, or"
                            + " nsys profile -t cuda"),
            Map.entry("host_work", "record what the host does beside its calls: operators, or a few steps with stacks"),
            Map.entry("stage", STEPS),
            Map.entry("cpu_op", "record operators: torch.profiler with ProfilerActivity.CPU"),
            Map.entry("op_detail", "record operators: torch.profiler with ProfilerActivity.CPU and record_shapes=True"),
            Map.entry("gemm_call", "record shapes: torch.profiler with record_shapes=True, outside CUDA graphs"),
            Map.entry(
                    "python_call",
                    "record stacks and modules: torch.profiler with with_stack=True and with_modules=True"),
            Map.entry("memory_event", "record allocations: torch.profiler with profile_memory=True"),
            Map.entry("hw_sample", SAMPLES),
            Map.entry("device_sample", SAMPLES),
            Map.entry("ncu_metric", "profile some kernels: ncu --set full --csv --page raw, and import its output"),
            Map.entry("gemm", "log matrix products: CUBLASLT_LOG_LEVEL=5 CUBLASLT_LOG_FILE=cublaslt.log"),
            Map.entry("expert_choice", "record the router's choices with the engine's probe"),
            Map.entry("expert_count", "record expert counts with the engine's probe"),
            Map.entry("kv_usage", ENGINE),
            Map.entry("kv_eviction", ENGINE),
            Map.entry("preemption", ENGINE),
            Map.entry("batch", ENGINE),
            Map.entry("request", ENGINE),
            Map.entry("request_step", ENGINE),
            Map.entry("step", ENGINE),
            Map.entry("metric", "scrape the engine: curl http://host:port/metrics > metrics.txt, and import that file"),
            Map.entry("op_cost", "give the model: --model config.json"),
            Map.entry("ceiling", "record the run with hourglass profile, which measures the machine's ceilings"),
            Map.entry("cuda_graph_replay", ENGINE),
            Map.entry("core_sample", "record the run with hourglass profile, which samples the CPUs"),
            Map.entry("thread_sample", "record the run with hourglass profile, which samples its threads"),
            Map.entry("token", DECODE),
            Map.entry("token_unprofiled", DECODE),
            Map.entry("op", DECODE),
            Map.entry("barrier", DECODE),
            Map.entry("step_work", "give the model: hourglass mfu SESSION --model config.json"));

    private HowToRecord() {}

    /// One sentence for all the tables.
    static String of(List<String> tables) {
        return tables.stream()
                .map(table -> BY_TABLE.getOrDefault(table, "record something that fills the table " + table))
                .distinct()
                .collect(Collectors.joining("; "));
    }
}
