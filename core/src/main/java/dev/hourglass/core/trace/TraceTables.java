package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.flag;
import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.source;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;

/// The tables that imported traces fill: the timeline under Perfetto's names, and the device work
/// that lies on it.
///
/// Rules for whoever writes them: identifiers (`id`) are unique in the session and come from
/// [ImportContext]; a column called `ts` or ending in `_ts` is a moment on the trace clock, and
/// nothing else is; every kernel, copy and memset has a row in `slice` (category `kernel`,
/// `gpu_memcpy`, `gpu_memset`) and, memsets aside, one in `kernel` or `memcpy` with the same id.
public final class TraceTables {

    public static final Table SOURCE = Table.of(
            "source",
            "One input of the session: a file or a collector, and how its clock was laid on the trace clock.",
            integer("id", Unit.NONE, "Identifier of the source in this session, from 1."),
            text("name", "File name as given, without its directory where that is unambiguous."),
            text("format", "What the reader recognised, for example kineto."),
            text("path", "Absolute path of the file when it was read."),
            integer("size_bytes", Unit.BYTES, "Size on disk, compressed where the file is."),
            text(
                    "hash",
                    "sha256: and the digest of the file on disk, up to 1 MiB; above, sha256-crc32c: and the SHA-256 of the"
                            + " size (8 bytes, big-endian) and the CRC-32C (4 bytes each) of every 64 KiB. Older versions"
                            + " wrote sha256-crc32c-sampled: above 64 MiB, of the first 64 KiB of each MiB alone. NULL for a"
                            + " directory."),
            text("time_base", "What its times count from: unix, monotonic, relative, or none where it has no times."),
            integer("offset_ns", Unit.NANOSECONDS, "Added to its times to get the trace clock."),
            text(
                    "align_method",
                    "base_time, anchor, annotation, correlation, declared, assumed, none, or unaligned where it stays"
                            + " on its own time."),
            integer(
                    "residual_ns",
                    Unit.NANOSECONDS,
                    "How far its times may still be off after alignment: the resolution of what it states, or the spread of the"
                            + " shared events. NULL where that is not known."),
            integer("events", Unit.COUNT, "Records read."),
            integer(
                    "rank",
                    Unit.NONE,
                    "Rank of the process in a distributed run; NULL where the source does not say."));

    public static final Table SLICE = Table.of(
            "slice",
            "A named span on a track: operator, annotation, runtime call, kernel, copy, Python function. Instants are"
                    + " slices of no length.",
            integer("id", Unit.NONE, "Identifier of the slice."),
            integer(
                    "ts",
                    Unit.NANOSECONDS,
                    "Start on the trace clock; NULL for device work whose recorded time is impossible."),
            integer(
                    "dur",
                    Unit.NANOSECONDS,
                    "Duration; 0 for an instant, -1 where the end was never recorded, NULL where ts is."),
            integer("track_id", Unit.NONE, "The track that it lies on."),
            text("category", "Kind as the producer calls it, for example cpu_op, cuda_runtime, kernel, gpu_memcpy."),
            text("name", "Name as the producer gives it."),
            integer("depth", Unit.NONE, "Number of slices of the same track around it."),
            integer("parent_id", Unit.NONE, "The innermost slice of the same track around it; NULL for none."),
            integer(
                    "arg_set_id",
                    Unit.NONE,
                    "Key of its arguments in args, which may hold none for it; NULL where the format has no arguments."),
            integer(
                    "correlation",
                    Unit.NONE,
                    "Number that a launch call and the device work that it started share; NULL where there is none."),
            integer(
                    "external_id",
                    Unit.NONE,
                    "Number that an operator and the calls and device work inside it share; NULL where there is none."));

    public static final Table TRACK = Table.of(
            "track",
            "A timeline: a thread, a stream of a device, a counter, a queue of an engine.",
            integer("id", Unit.NONE, "Identifier of the track."),
            text("name", "Name for people, for example stream 7."),
            text("type", "thread, stream, process, counter, async or global."),
            integer("parent_id", Unit.NONE, "The track under which it is shown; NULL for none."),
            integer("utid", Unit.NONE, "Thread that it belongs to; NULL where it is not a thread's."),
            integer("upid", Unit.NONE, "Process that it belongs to; NULL where it is no process's."),
            integer("device", Unit.NONE, "GPU ordinal; NULL where it is not a device's."),
            integer("stream", Unit.NONE, "Stream number on the device; NULL where it is not a stream."),
            text("unit", "Unit of the values of a counter track; NULL for others."),
            source());

    public static final Table THREAD = Table.of(
            "thread",
            "One thread of a process in the trace.",
            integer("utid", Unit.NONE, "Identifier of the thread in this session."),
            integer("tid", Unit.NONE, "Operating-system thread id; NULL where the producer used a name."),
            text("name", "Thread name."),
            integer("upid", Unit.NONE, "The process that it belongs to."),
            flag("is_main_thread", "Whether its id is the id of its process."),
            source());

    public static final Table PROCESS = Table.of(
            "process",
            "One process in the trace; a producer may also show a GPU as one.",
            integer("upid", Unit.NONE, "Identifier of the process in this session."),
            integer("pid", Unit.NONE, "Operating-system process id; NULL where the producer used a name."),
            text("name", "Process name."),
            text("labels", "Labels that the producer gave it, for example CPU or GPU 0."),
            source());

    public static final Table COUNTER = Table.of(
            "counter",
            "One value of a counter track. It holds until the track's next row.",
            integer("id", Unit.NONE, "Identifier of the row."),
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("track_id", Unit.NONE, "The counter track; its unit is in track.unit."),
            real("value", Unit.NONE, "The value, in the unit of its track."));

    public static final Table FLOW = Table.of(
            "flow",
            "A link between two slices, for example from a launch call to the kernel that it started.",
            integer("id", Unit.NONE, "Identifier of the link."),
            integer("slice_out", Unit.NONE, "Where it begins."),
            integer("slice_in", Unit.NONE, "Where it ends."),
            text("category", "What it means: ac2g (host call to device work), fwdbwd, or the producer's word."),
            integer("trace_id", Unit.NONE, "The producer's number of the link."));

    public static final Table ARG_VALUE = Table.of(
            "arg_value",
            "An argument that has no column of its own elsewhere. The view args shows these and the typed ones.",
            integer("arg_set_id", Unit.NONE, "Which slice or counter it belongs to, see slice.arg_set_id."),
            text("key", "Name, nested names joined by a point."),
            integer("int_value", Unit.NONE, "The value where it is an integer."),
            real("real_value", Unit.NONE, "The value where it is another number; NULL for NaN and infinities."),
            text("string_value", "The value where it is text, or JSON where it is a list or an object."));

    public static final Table RAW_ARGS = Table.of(
            "raw_args",
            "All arguments of a slice as the producer wrote them. Filled only when asked for (--raw-args).",
            integer("slice_id", Unit.NONE, "The slice."),
            text("json", "The arguments as JSON."));

    public static final Table KERNEL = Table.of(
            "kernel",
            "One kernel execution on a GPU.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("ts", Unit.NANOSECONDS, "Start of the execution on the trace clock; NULL where none is possible."),
            integer("dur", Unit.NANOSECONDS, "Duration of the execution; NULL where ts is."),
            text("name", "Full name, demangled where the producer did."),
            integer("device", Unit.NONE, "GPU ordinal as the producer counts."),
            integer("context", Unit.NONE, "Driver context."),
            integer(
                    "stream",
                    Unit.NONE,
                    "Stream on the device. Kernels of one stream may overlap where the GPU allows it."),
            integer(
                    "correlation",
                    Unit.NONE,
                    "Number shared with the launch call; all kernels of a graph replay share the graph launch's. NULL"
                            + " where the producer recorded none."),
            integer("external_id", Unit.NONE, "Number shared with the operator; NULL where there is none."),
            integer("launch_id", Unit.NONE, "The launch call in launch; NULL where the recording has none."),
            integer("graph_id", Unit.NONE, "CUDA graph; NULL outside graphs or where the producer does not tell."),
            integer("graph_node_id", Unit.NONE, "Node of the CUDA graph; NULL as graph_id."),
            integer("grid_x", Unit.COUNT, "Blocks in x."),
            integer("grid_y", Unit.COUNT, "Blocks in y."),
            integer("grid_z", Unit.COUNT, "Blocks in z."),
            integer("block_x", Unit.COUNT, "Threads of a block in x."),
            integer("block_y", Unit.COUNT, "Threads of a block in y."),
            integer("block_z", Unit.COUNT, "Threads of a block in z."),
            integer("registers", Unit.COUNT, "Registers per thread."),
            integer("shared_bytes", Unit.BYTES, "Shared memory per block, static and dynamic."),
            real("blocks_per_sm", Unit.COUNT, "Blocks in the grid over multiprocessors, as the producer computed."),
            real("warps_per_sm", Unit.COUNT, "Warps in the grid over multiprocessors, as the producer computed."),
            real(
                    "occupancy_ratio",
                    Unit.RATIO,
                    "Estimated achieved occupancy; an estimate of the producer, not measured."),
            integer(
                    "queued_ns",
                    Unit.NANOSECONDS,
                    "Time in the queue as the producer recorded it; NULL or 0 where it did not."),
            integer("priority", Unit.NONE, "Stream priority; NULL where not recorded."),
            text("collective", "Collective operation, for example allreduce; NULL for other kernels."),
            text("process_group", "Name of the collective's process group; NULL for other kernels."),
            integer("message_bytes", Unit.BYTES, "Bytes of the collective's input; NULL for other kernels."),
            integer("track_id", Unit.NONE, "Its track in track."),
            integer("upid", Unit.NONE, "Process that launched it; NULL where not known."),
            source());

    public static final Table MEMCPY = Table.of(
            "memcpy",
            "One copy of memory by a GPU's copy engine or a copy kernel of the driver.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("ts", Unit.NANOSECONDS, "Start on the trace clock; NULL where none is possible."),
            integer("dur", Unit.NANOSECONDS, "Duration; NULL where ts is."),
            text("name", "Name as the producer gives it."),
            text("kind", "HtoD, DtoH, DtoD, HtoH, PtoP or unknown."),
            text("src_kind", "Memory that is read: pageable, pinned, device, managed or unknown."),
            text("dst_kind", "Memory that is written, as src_kind."),
            integer("bytes", Unit.BYTES, "Bytes copied."),
            real("bandwidth", Unit.BYTES_PER_SECOND, "As the producer recorded it; NULL where it did not."),
            integer("device", Unit.NONE, "GPU ordinal."),
            integer("context", Unit.NONE, "Driver context."),
            integer("stream", Unit.NONE, "Stream on the device."),
            integer("src_device", Unit.NONE, "GPU that is read in a peer copy; NULL otherwise."),
            integer("dst_device", Unit.NONE, "GPU that is written in a peer copy; NULL otherwise."),
            integer("correlation", Unit.NONE, "Number shared with the call; NULL where the producer recorded none."),
            integer("external_id", Unit.NONE, "Number shared with the operator; NULL where there is none."),
            integer("launch_id", Unit.NONE, "The call in launch; NULL where the recording has none."),
            integer("graph_node_id", Unit.NONE, "Node of the CUDA graph; NULL outside graphs or where not told."),
            integer("track_id", Unit.NONE, "Its track in track."),
            integer("upid", Unit.NONE, "Process that asked for it; NULL where not known."),
            source());

    public static final Table LAUNCH = Table.of(
            "launch",
            "One call of the GPU's runtime or driver from the host: kernel and graph launches, copies,"
                    + " synchronisations, and every other call that carries a correlation.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("ts", Unit.NANOSECONDS, "Start of the call on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Duration of the call on the host."),
            text("name", "Function, for example cudaLaunchKernel."),
            text("kind", "kernel, graph, memcpy, memset, sync or other, judged by the function's name."),
            integer("correlation", Unit.NONE, "Number shared with the device work that it started."),
            integer("external_id", Unit.NONE, "Number shared with the operator around it; NULL where there is none."),
            integer(
                    "ops",
                    Unit.COUNT,
                    "Device operations in the recording that it started; 0 where none was recorded."),
            integer("first_ts", Unit.NANOSECONDS, "Start of the first of them; NULL where there is none."),
            integer("last_end_ts", Unit.NANOSECONDS, "End of the last of them; NULL where there is none."),
            integer("track_id", Unit.NONE, "Its track in track."),
            integer("utid", Unit.NONE, "Thread that called."),
            integer("upid", Unit.NONE, "Process that called."),
            source());

    public static final Table OP_DETAIL = Table.of(
            "op_detail",
            "What a framework tells about one of its operators. The view cpu_op shows it beside the slice.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("external_id", Unit.NONE, "Number shared with the calls and device work inside it."),
            integer(
                    "sequence",
                    Unit.NONE,
                    "Number shared by a forward operator and its backward one; NULL where there is none."),
            text("input_dims", "Shapes of the inputs, as JSON."),
            text("input_types", "Number formats of the inputs, as JSON."),
            text("input_strides", "Strides of the inputs, as JSON."),
            text("concrete_inputs", "Values of scalar inputs, as JSON."),
            text("module", "Module hierarchy; NULL where it was not recorded."),
            text("stack", "Call stack as the framework recorded it; NULL where it was not recorded."),
            integer("flops", Unit.FLOP, "Floating-point operations as the framework estimated; NULL where it did not."),
            text("collective", "Collective operation; NULL for other operators."),
            text("process_group", "Name of the collective's process group; NULL for other operators."),
            integer("group_size", Unit.COUNT, "Ranks in the process group; NULL for other operators."),
            integer("message_elements", Unit.COUNT, "Elements of the collective's input; NULL for other operators."),
            text("dtype", "Number format of the collective; NULL for other operators."));

    public static final Table PYTHON_CALL = Table.of(
            "python_call",
            "Links between recorded Python functions. Time and name are in slice.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("python_id", Unit.NONE, "The producer's number of the call."),
            integer("python_parent_id", Unit.NONE, "Number of the calling function's call; NULL at the root."),
            integer("python_module_id", Unit.NONE, "Instance number of the module; NULL for plain functions."));

    public static final Table MEMORY_EVENT = Table.of(
            "memory_event",
            "One allocation or release by the framework's allocator.",
            integer("id", Unit.NONE, "Its row in slice has the same id."),
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("track_id", Unit.NONE, "Thread on which it happened."),
            text("device_type", "cpu, cuda, or the framework's number of the type."),
            integer("device", Unit.NONE, "GPU ordinal; -1 for the CPU."),
            integer("address", Unit.NONE, "Address of the block."),
            integer("bytes", Unit.BYTES, "Bytes allocated; negative for a release."),
            integer("allocated_bytes", Unit.BYTES, "Bytes in use afterwards."),
            integer("reserved_bytes", Unit.BYTES, "Bytes held by the allocator afterwards."),
            source());

    public static final Table GEMM = Table.of(
            "gemm",
            "One matrix product that a library's log tells about. The logs have no durations.",
            integer(
                    "ts",
                    Unit.NANOSECONDS,
                    "Moment of the call on the trace clock; logs tell whole seconds at best. NULL where they do not."),
            integer("sequence", Unit.NONE, "Position of the call in its log, from 0."),
            text("library", "cublas or cublaslt."),
            text("function", "Function of the library."),
            integer("m", Unit.COUNT, "Rows of the result, as the library counts (column-major)."),
            integer("n", Unit.COUNT, "Columns of the result, as the library counts."),
            integer("k", Unit.COUNT, "Length of the inner dimension."),
            integer("batch", Unit.COUNT, "Products in the call."),
            text("trans_a", "N, T or C."),
            text("trans_b", "N, T or C."),
            text("a_type", "Number format of A."),
            text("b_type", "Number format of B."),
            text("c_type", "Number format of C."),
            text("d_type", "Number format of the result."),
            text("compute_type", "Number format of the sums."),
            text("scale_type", "Number format of alpha and beta."),
            text("algorithm", "Algorithm as the log describes it; NULL where the library chose silently."),
            text("tile", "Tile of the algorithm; NULL where the log does not tell."),
            text("epilogue", "What is applied to the result; NULL for nothing."),
            integer("workspace_bytes", Unit.BYTES, "Workspace given to the library."),
            integer("flops", Unit.FLOP, "2 · m · n · k · batch."),
            text("stream", "Stream handle as the log prints it."),
            integer("pid", Unit.NONE, "Process; NULL where the log does not tell."),
            integer("tid", Unit.NONE, "Thread; NULL where the log does not tell."),
            source());

    public static final Table NCU_METRIC = Table.of(
            "ncu_metric",
            "One metric of one profiled kernel launch, from Nsight Compute. The launch was replayed alone: its"
                    + " duration is not that of the run.",
            integer("launch", Unit.NONE, "The tool's ID of the launch, from 0 in each run."),
            text("kernel", "Kernel name as the tool prints it."),
            integer("pid", Unit.NONE, "Process."),
            text("process", "Process name."),
            integer("context", Unit.NONE, "Driver context."),
            integer("stream", Unit.NONE, "Stream."),
            text("grid", "Blocks as (x, y, z); NULL in old versions."),
            text("block", "Threads of a block as (x, y, z); NULL in old versions."),
            integer("device", Unit.NONE, "GPU ordinal; NULL in old versions."),
            text("compute_capability", "For example 9.0; NULL in old versions."),
            text("section", "Section of the details page; NULL on the raw page."),
            text("metric", "Metric name, or its label on the details page."),
            text("unit", "Unit as the tool prints it. Scaled units (Kbyte, us) are turned into base units (byte, ns)."),
            real("value", Unit.NONE, "Value in that unit; NULL where it is not a number."),
            text("text_value", "Value where it is not a number."),
            integer("run", Unit.NONE, "Which run of the tool in its source, from 0; NULL in older sessions."),
            source());

    public static final Table NCU_RULE = Table.of(
            "ncu_rule",
            "What a rule of Nsight Compute says about one profiled kernel launch.",
            integer("launch", Unit.NONE, "The tool's ID of the launch, from 0 in each run."),
            text("section", "Section of the details page."),
            text("rule", "Rule name."),
            text("type", "OPT, INF or WRN as the tool prints it."),
            text("description", "The tool's sentence."),
            text("speedup_type", "local or global; NULL where the rule estimates none."),
            real(
                    "speedup_ratio",
                    Unit.RATIO,
                    "Estimated share of time that could be saved; NULL where it estimates none."),
            integer("run", Unit.NONE, "Which run of the tool in its source, from 0; NULL in older sessions."),
            source());

    public static final Table HW_SAMPLE = Table.of(
            "hw_sample",
            "One metric of one device in one sampling interval: power, clocks, utilisation, memory.",
            integer("ts", Unit.NANOSECONDS, "End of the interval on the trace clock."),
            integer("dur", Unit.NANOSECONDS, "Length of the interval; NULL for a momentary value."),
            text("device", "For example gpu:0 or cpu; other:3 is a GPU that the recorded command does not see."),
            text(
                    "metric",
                    "Short name: power, sm_clock, mem_clock, temperature, gpu_util, mem_util, mem_used, sm_active,"
                            + " sm_occupancy, tensor_active, dram_active, pcie_tx, pcie_rx, nvlink_tx, nvlink_rx, fp16_active,"
                            + " fp32_active, fp64_active, integer_active, throttle (bits of clock event reasons), fan,"
                            + " power_limit, sm_clock_max, mem_clock_max, pcie_gen, pcie_width; mem_used_command, mem_used_others,"
                            + " mem_used_unseen (of processes that cannot be seen from here); or the tool's own."),
            real("value", Unit.NONE, "The value, in the unit of the column unit."),
            text("unit", "W, MHz, °C, ratio, B, B/s, bits or none. Percentages of tools are turned into ratios."),
            integer("run", Unit.NONE, "Which run of the tool in its source, from 0; NULL in older sessions."),
            source());

    public static final Table METRIC = Table.of(
            "metric",
            "One value of one metric in a Prometheus snapshot.",
            integer("ts", Unit.NANOSECONDS, "Moment of the snapshot on the trace clock; NULL where it does not tell."),
            integer("snapshot", Unit.NONE, "Number of the snapshot in its source, from 0."),
            text("name", "Metric name as the engine exposes it, suffix included (_bucket, _sum, _count, _total)."),
            text("labels", "Labels as JSON, keys sorted."),
            text("type", "counter, gauge, histogram, summary or untyped."),
            text("engine", "vllm, sglang, llama.cpp, or NULL where the name does not tell."),
            text(
                    "meaning",
                    "Our word for it, the same over engines, for example requests_running; NULL where unmapped."),
            real("value", Unit.NONE, "The value; NULL for NaN and infinities."),
            source());

    public static final Table PERF_STAT = Table.of(
            "perf_stat",
            "One event count of perf stat.",
            integer("ts", Unit.NANOSECONDS, "End of the interval from the start of the count; NULL without -I."),
            text("cpu", "CPU, core, node or thread that was counted; NULL for the sum."),
            text("event", "Name as perf prints it."),
            real("value", Unit.NONE, "Events, or time where unit says so; NULL where it could not be counted."),
            text("unit", "Unit as perf prints it; NULL for plain counts."),
            integer("running_ns", Unit.NANOSECONDS, "Time for which the event was really counted."),
            real("running_ratio", Unit.RATIO, "Share of the time for which it was really counted."),
            real("metric_value", Unit.NONE, "Metric that perf derives; NULL for none."),
            text("metric_unit", "Unit of that metric."),
            text("reason", "not counted, not supported; NULL where there is a value."),
            source());

    public static final Table CPU_SAMPLE = Table.of(
            "cpu_sample",
            "One sample of a program counter and its stack, from perf or another sampling profiler.",
            integer("ts", Unit.NANOSECONDS, "Moment on the trace clock."),
            integer("pid", Unit.NONE, "Process; NULL where not recorded."),
            integer("tid", Unit.NONE, "Thread."),
            text("thread", "Thread name."),
            integer("cpu", Unit.NONE, "Logical CPU; NULL where not recorded."),
            text("event", "What triggered the sample."),
            integer("period", Unit.COUNT, "Events that the sample stands for; 1 where not recorded."),
            text("stack", "Functions from the outermost to the innermost, joined by ;"),
            text("leaf", "The innermost function."),
            text("dso", "Library or program of the innermost function."),
            source());

    private static final List<Table> ALL = List.of(
            SOURCE,
            SLICE,
            TRACK,
            THREAD,
            PROCESS,
            COUNTER,
            FLOW,
            ARG_VALUE,
            RAW_ARGS,
            KERNEL,
            MEMCPY,
            LAUNCH,
            OP_DETAIL,
            PYTHON_CALL,
            MEMORY_EVENT,
            GEMM,
            NCU_METRIC,
            NCU_RULE,
            HW_SAMPLE,
            METRIC,
            PERF_STAT,
            CPU_SAMPLE);

    private TraceTables() {}

    static List<Table> all() {
        return ALL;
    }
}
