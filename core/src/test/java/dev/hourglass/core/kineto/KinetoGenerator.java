package dev.hourglass.core.kineto;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Writes a trace of decode steps as PyTorch's profiler does: operators and launch calls on a host
/// thread, kernels of two streams, copies, memsets, collectives, graph replays, allocator events, flows.
/// About a quarter of the events is device work and an event takes some 340 bytes.
///
/// The same seed writes the same bytes.
public final class KinetoGenerator {
    /// What times count from; a file without one has times that count from zero.
    public static final long BASE_NS = 1_758_585_600_000_000_000L;

    private static final int PID = 4242;
    private static final int COMPUTE = 7;
    private static final int SIDE = 20;
    private static final int LAYERS = 8;
    private static final int BLOCK = 4096;
    private static final String[] GEMMS = {"nvjet_hsh_128x64_64x8_2x1_v_bz_TNT", "nvjet_hsh_64x8_64x16_4x1_v_bz_TNN"};
    private static final String[] OPS = {"aten::linear", "aten::mul", "aten::add", "aten::silu", "aten::copy_"};
    private static final String ELEMENTWISE = "void at::native::vectorized_elementwise_kernel<4, at::native::%s"
            + "<c10::BFloat16>, std::array<char*, 3ul> >(int, at::native::%s<c10::BFloat16>, std::array<char*, 3ul>)";
    private static final String[] FUNCTORS = {"MulFunctor", "CUDAFunctor_add", "SiluFunctor", "CopyFunctor"};
    private static final String ATTENTION = "void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128,"
            + " 4, false, false, cutlass::bfloat16_t> >(flash::Flash_fwd_params)";
    private static final String REDUCE = "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)";
    private static final String COPY_IN = "Memcpy HtoD (Pinned -> Device)";
    private static final String COPY_OUT = "Memcpy DtoH (Device -> Pageable)";
    private static final String MEMSET = "Memset (Device)";

    private final Random random;
    private final long wanted;
    private final Set<Quirk> quirks;
    private final long cutAt;
    private final OutputStream out;
    private final AnswerSheet sheet = new AnswerSheet();
    private final List<Entry> block = new ArrayList<>();
    private final StringBuilder text = new StringBuilder(1024);
    private final String newline;
    private final String indent;
    private final String colon;

    private long written;
    private boolean first = true;
    private boolean cut;
    private long made;
    private long host = 4_446_205_629_000_123L;
    private long compute;
    private long side;
    private int correlation = 1;
    private int external = 1;
    private int step;

    /// An event that waits to be written, with what it adds to the sheet.
    private record Entry(byte[] bytes, Runnable fact) {}

    private KinetoGenerator(OutputStream out, long seed, long events, Set<Quirk> quirks, long cutAt) {
        this.out = out;
        this.random = new Random(seed);
        this.wanted = events;
        this.quirks = quirks;
        this.cutAt = cutAt;
        boolean compact = quirks.contains(Quirk.COMPACT);
        newline = compact ? "" : "\n    ";
        indent = compact ? "" : "\n  ";
        colon = compact ? ":" : ": ";
        compute = host + 20_000;
        side = compute;
    }

    /// Writes a trace.
    ///
    /// @param events about how many
    /// @param cutAt byte at which the file ends; [Long#MAX_VALUE] for a whole one
    public static AnswerSheet write(OutputStream out, long seed, long events, Set<Quirk> quirks, long cutAt)
            throws IOException {
        KinetoGenerator generator = new KinetoGenerator(out, seed, events, quirks, cutAt);
        generator.all();
        return generator.sheet;
    }

    private long base() {
        return quirks.contains(Quirk.BARE) || quirks.contains(Quirk.NO_METADATA) ? 0 : BASE_NS;
    }

    private void all() throws IOException {
        boolean bare = quirks.contains(Quirk.BARE);
        boolean early = !bare && !quirks.contains(Quirk.NO_METADATA) && !quirks.contains(Quirk.LATE_METADATA);
        raw(bare ? "[" : early ? "{\n" + members() + ",\n  \"traceEvents\": [" : "{\n  \"traceEvents\": [");
        names();
        while (made < wanted && !cut) {
            step();
            if (block.size() >= BLOCK) {
                flush();
            }
        }
        flush();
        boolean late = quirks.contains(Quirk.LATE_METADATA) && !quirks.contains(Quirk.NO_METADATA);
        raw(indent + "]" + (bare ? "\n" : (late ? ",\n" + members() : "") + ",\n  \"traceName\": \"trace.json\"\n}\n"));
    }

    private String members() {
        return """
                  "schemaVersion": 1,
                  "deviceProperties": [
                    {
                      "id": 0, "name": "NVIDIA H100 80GB HBM3", "totalGlobalMem": 85028896768,
                      "computeMajor": 9, "computeMinor": 0, "maxThreadsPerBlock": 1024, "warpSize": 32,
                      "numSms": 132
                    }
                  ],
                  "cuda_runtime_version": 13000,
                  "record_shapes": 1,
                  "displayTimeUnit": "ms",
                  "baseTimeNanoseconds": %d""".formatted(BASE_NS);
    }

    private void names() {
        metadata("process_name", id(PID), "python");
        metadata("process_labels", id(PID), "CPU");
        metadata("process_name", "0", "python");
        metadata("process_labels", "0", "GPU 0");
    }

    private void metadata(String name, String pid, String value) {
        begin("M", "", name);
        text.append(", \"pid\"")
                .append(colon)
                .append(pid)
                .append(", \"tid\"")
                .append(colon)
                .append("0,");
        text.append(newline).append("\"ts\"").append(colon).append("0.000,");
        text.append(newline)
                .append("\"args\"")
                .append(colon)
                .append("{ \"")
                .append(name.endsWith("labels") ? "labels" : "name");
        text.append("\": \"").append(value).append("\" }").append(indent).append('}');
        entry(() -> {});
    }

    /// One step: eager or, every other time, a graph replay.
    private void step() throws IOException {
        step++;
        long began = host;
        host += 5_000;
        memory();
        copy(COPY_IN, COMPUTE, "cudaMemcpyAsync", 4096L * (1 + random.nextInt(16)));
        if (step % 2 == 0) {
            replay();
        } else {
            for (int layer = 0; layer < LAYERS; layer++) {
                layer();
            }
        }
        memset();
        copy(COPY_OUT, COMPUTE, "cudaMemcpyAsync", 8);
        synchronize();
        annotation("ProfilerStep#" + step, began);
        annotation("step[DECODE bs=8 toks=8]", began + 1_000);
        broken();
        host += 2_000 + random.nextInt(5_000);
    }

    private void layer() {
        for (int i = 0; i < 6; i++) {
            int op = random.nextInt(OPS.length);
            boolean gemm = op == 0;
            String kernel = gemm ? GEMMS[random.nextInt(GEMMS.length)] : elementwise(random.nextInt(FUNCTORS.length));
            operator(OPS[op], gemm ? "aten::addmm" : OPS[op] + "_", kernel, gemm ? 8_000 : 1_400);
        }
        operator("vllm::unified_attention_with_output", "flash_attn::_flash_attn_varlen_forward", ATTENTION, 6_000);
        if (random.nextInt(3) == 0) {
            collective();
        }
    }

    private static String elementwise(int functor) {
        return ELEMENTWISE.replace("%s", FUNCTORS[functor]);
    }

    /// An operator, one inside it, the call inside that, the kernel that it starts.
    private void operator(String outer, String inner, String kernel, long typicalNs) {
        long begin = host;
        long call = begin + 1_500 + random.nextInt(900);
        long callNs = 2_500 + random.nextInt(2_500);
        long end = call + callNs + 700 + random.nextInt(500);
        int first = external++;
        int second = external++;
        span("cpu_op", outer, id(PID), id(PID), begin, end + 400 - begin, () -> opArguments(first));
        span("cpu_op", inner, id(PID), id(PID), begin + 700, end - begin - 700, () -> opArguments(second));
        int number = launch("cudaLaunchKernel", call, callNs, second);
        kernel(kernel, COMPUTE, number, second, call + callNs / 2 + 2_000, typicalNs, -1);
        flow('s', PID, PID, call, number);
        flow('f', 0, COMPUTE, compute, number);
        host = end + 600 + random.nextInt(1_500);
    }

    private void replay() {
        long callNs = 9_000 + random.nextInt(4_000);
        int number = launch("cudaGraphLaunch", host, callNs, 0);
        long ready = host + callNs / 2 + 3_000;
        flow('s', PID, PID, host, number);
        for (int node = 0; node < LAYERS * 9; node++) {
            boolean gemm = node % 3 == 0;
            String name = gemm ? GEMMS[node % 2] : elementwise(node % FUNCTORS.length);
            kernel(name, COMPUTE, number, 0, ready, gemm ? 8_000 : 1_400, node + 1);
            flow('f', 0, COMPUTE, compute, number);
        }
        host += callNs + 1_000;
    }

    private void collective() {
        int number = launch("cudaLaunchKernelExC", host, 4_000, 0);
        long begin = Math.max(side, Math.max(host + 6_000, compute - 4_000));
        long dur = 9_000 + random.nextInt(9_000);
        side = begin + dur;
        device("kernel", REDUCE, SIDE, number, 0, begin, dur, -1);
        flow('s', PID, PID, host, number);
        flow('f', 0, SIDE, begin, number);
        host += 5_000;
    }

    private int launch(String name, long ts, long dur, int op) {
        int number = correlation++;
        span("cuda_runtime", name, id(PID), id(PID), ts, dur, () -> {
            if (op > 0) {
                argument("External id", id(op));
            }
            argument("cbid", id(211));
            argument("correlation", id(number));
        });
        AnswerSheet own = sheet;
        also(() -> own.launch(number));
        return number;
    }

    /// A kernel that begins when the host has asked for it and its stream is free.
    private void kernel(String name, int stream, int number, int op, long ready, long typicalNs, int node) {
        long begin = Math.max(ready, compute + 300 + random.nextInt(1_200));
        if (quirks.contains(Quirk.STREAM_OVERLAP) && random.nextInt(8) == 0) {
            begin = Math.max(ready, compute - 400);
        }
        long dur = typicalNs / 2 + (long) (typicalNs * random.nextDouble());
        compute = begin + dur;
        device("kernel", name, stream, number, op, begin, dur, node);
    }

    private void device(String category, String name, int stream, int number, int op, long ts, long dur, int node) {
        boolean linked = !(quirks.contains(Quirk.NO_CORRELATION) && random.nextInt(5) == 0);
        boolean dirty = quirks.contains(Quirk.NOT_FINITE) && random.nextInt(16) == 0;
        span(category, name, "0", id(stream), ts, dur, () -> {
            if (op > 0) {
                argument("External id", id(op));
            }
            argument("queued", "0");
            argument("device", "0");
            argument("context", "1");
            argument("stream", id(stream));
            if (linked) {
                argument("correlation", id(number));
            }
            if (node > 0) {
                argument("graph id", "3");
                argument("graph node id", Integer.toString(node));
            }
            argument("registers per thread", "128");
            argument("shared memory", "32768");
            argument("blocks per SM", dirty ? "NaN" : "1.9393939");
            argument("warps per SM", dirty ? "Infinity" : "7.7575757");
            argument("grid", "[" + (1 + random.nextInt(256)) + ", 1, 1]");
            argument("block", "[128, 1, 1]");
            argument("est. achieved occupancy %", "12");
        });
        AnswerSheet own = sheet;
        long begin = base() + ts;
        also(() -> own.device(name, begin, dur, linked ? number : 0));
        if (dirty) {
            also(() -> own.lost("non_finite_value"));
        }
    }

    private void copy(String name, int stream, String call, long bytes) {
        int number = launch(call, host, 3_000, 0);
        long begin = Math.max(host + 4_000, compute + 200);
        long dur = 900 + random.nextInt(1_500);
        compute = begin + dur;
        span("gpu_memcpy", name, "0", id(stream), begin, dur, () -> {
            argument("device", "0");
            argument("context", "1");
            argument("stream", id(stream));
            argument("correlation", id(number));
            argument("bytes", Long.toString(bytes));
            argument("memory bandwidth (GB/s)", "3.125");
        });
        AnswerSheet own = sheet;
        long ts = base() + begin;
        also(() -> own.device(name, ts, dur, number));
        host += 4_000;
    }

    private void memset() {
        int number = launch("cudaMemsetAsync", host, 2_000, 0);
        long begin = Math.max(host + 3_000, compute + 250);
        long dur = 700 + random.nextInt(300);
        compute = begin + dur;
        span("gpu_memset", MEMSET, "0", id(COMPUTE), begin, dur, () -> {
            argument("device", "0");
            argument("stream", id(COMPUTE));
            argument("correlation", id(number));
            argument("bytes", "512");
        });
        AnswerSheet own = sheet;
        long ts = base() + begin;
        also(() -> own.device(MEMSET, ts, dur, number));
        host += 3_000;
    }

    private void synchronize() {
        long until = Math.max(host + 1_000, Math.max(compute, side) + 3_000);
        int number = correlation++;
        span("cuda_runtime", "cudaStreamSynchronize", id(PID), id(PID), host, until - host, () -> {
            argument("cbid", "131");
            argument("correlation", id(number));
        });
        host = until + 500;
    }

    private void annotation(String name, long began) {
        String shown = quirks.contains(Quirk.DIRTY_NAMES) ? name + "\u0001\ufffe" : name;
        span(
                "user_annotation",
                shown,
                id(PID),
                id(PID),
                began,
                host - began,
                () -> argument("External id", id(external)));
        if (quirks.contains(Quirk.DIRTY_NAMES)) {
            AnswerSheet own = sheet;
            also(() -> own.lost("repaired_text"));
        }
    }

    private void memory() {
        long ts = host + 100;
        long bytes = 512L * (1 + random.nextInt(64));
        String written = time(ts);
        begin("i", "cpu_instant_event", "[memory]");
        text.append(", \"s\"").append(colon).append("\"t\"");
        place(id(PID), id(PID));
        text.append(newline).append("\"ts\"").append(colon).append(written).append(',');
        text.append(newline)
                .append("\"args\"")
                .append(colon)
                .append('{')
                .append(newline)
                .append("  ");
        argument("Total Reserved", "2097152");
        argument("Total Allocated", Long.toString(bytes));
        argument("Bytes", Long.toString(bytes));
        argument("Addr", "140000000000000");
        argument("Device Id", "0");
        argument("Device Type", "1");
        close();
        AnswerSheet own = sheet;
        long at = base() + ts;
        entry(() -> own.slice("cpu_instant_event", at, 0));
    }

    private void opArguments(int number) {
        argument("External id", id(number));
        argument("Record function id", "0");
        argument("Concrete Inputs", "[\"\", \"\", \"\"]");
        argument("Input type", "[\"c10::BFloat16\", \"c10::BFloat16\", \"\"]");
        argument("Input Strides", "[[4096, 1], [1, 4096], []]");
        argument("Input Dims", "[[8, 4096], [4096, " + 1024 * (1 + random.nextInt(14)) + "], []]");
        argument("Ev Idx", Integer.toString(number));
    }

    private void span(String category, String name, String pid, String tid, long ts, long dur, Runnable arguments) {
        begin("X", category, name);
        place(pid, tid);
        text.append(newline).append("\"ts\"").append(colon).append(time(ts));
        text.append(", \"dur\"").append(colon).append(time(dur)).append(',');
        text.append(newline)
                .append("\"args\"")
                .append(colon)
                .append('{')
                .append(newline)
                .append("  ");
        arguments.run();
        close();
        AnswerSheet own = sheet;
        long at = base() + ts;
        entry(() -> own.slice(category, at, dur));
    }

    private void flow(char phase, int pid, int tid, long ts, int number) {
        begin(String.valueOf(phase), "ac2g", "ac2g");
        text.append(", \"id\"").append(colon).append(number);
        place(id(pid), id(tid));
        text.append(newline).append("\"ts\"").append(colon).append(time(ts));
        text.append(phase == 'f' ? ", \"bp\"" + colon + "\"e\"" : "")
                .append(indent)
                .append('}');
        AnswerSheet own = sheet;
        entry(own::flow);
    }

    /// One of each kind of damage.
    private void broken() {
        if (!quirks.contains(Quirk.BROKEN_EVENTS)) {
            return;
        }
        String where = "\"pid\": 4242, \"tid\": 4242";
        String when = "\"ts\": " + time(host);
        plant("{ \"ph\": \"X\", \"name\" \"lacks a colon\", " + where + ", " + when + " }", "bad_event");
        plant("{ \"name\": \"lacks a phase\", " + where + ", " + when + " }", "event_without_phase");
        plant("{ \"ph\": \"X\", \"name\": \"lacks a time\", " + where + ", \"dur\": 1.000 }", "event_without_time");
        plant(
                "{ \"ph\": \"E\", \"name\": \"never began\", \"pid\": 77, \"tid\": 77, " + when + " }",
                "end_without_begin");
        String backwards = "{ \"ph\": \"X\", \"cat\": \"backwards\", \"name\": \"backwards\", ";
        plant(backwards + where + ", " + when + ", \"dur\": -5.000 }", "negative_duration");
        AnswerSheet own = sheet;
        long at = base() + host;
        also(() -> own.slice("backwards", at, 0));
    }

    private void plant(String event, String kind) {
        text.append(indent).append(event);
        AnswerSheet own = sheet;
        entry(() -> own.lost(kind));
    }

    private void begin(String phase, String category, String name) {
        text.append(indent).append('{').append(newline);
        text.append("\"ph\"").append(colon).append('"').append(phase).append('"');
        if (!category.isEmpty()) {
            text.append(", \"cat\"").append(colon).append('"').append(category).append('"');
        }
        if (quirks.contains(Quirk.DUPLICATE_KEYS)) {
            text.append(", \"name\": \"a first name that does not count\"");
        }
        text.append(", \"name\"").append(colon).append('"').append(name).append('"');
    }

    private void place(String pid, String tid) {
        text.append(", \"pid\"")
                .append(colon)
                .append(pid)
                .append(", \"tid\"")
                .append(colon)
                .append(tid)
                .append(',');
    }

    private void argument(String name, String value) {
        char last = text.charAt(text.length() - 1);
        text.append(last == '{' || last == ' ' ? "" : ",")
                .append('"')
                .append(name)
                .append("\": ")
                .append(value);
    }

    private void close() {
        text.append(newline).append('}').append(indent).append('}');
    }

    private String id(int number) {
        return quirks.contains(Quirk.STRING_IDS) ? "\"" + number + "\"" : Integer.toString(number);
    }

    /// Microseconds with three decimals.
    private static String time(long ns) {
        String fraction = Long.toString(ns % 1000);
        return ns / 1000 + "." + "000".substring(fraction.length()) + fraction;
    }

    private void entry(Runnable fact) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        text.setLength(0);
        made++;
        block.add(new Entry(dirty(bytes), fact));
    }

    /// Turns the placeholder of a dirty name into bytes that are no UTF-8.
    private byte[] dirty(byte[] bytes) {
        if (quirks.contains(Quirk.DIRTY_NAMES)) {
            for (int i = 0; i + 2 < bytes.length; i++) {
                if (bytes[i] == (byte) 0xEF && bytes[i + 1] == (byte) 0xBF && bytes[i + 2] == (byte) 0xBE) {
                    bytes[i] = (byte) 0xFF;
                    bytes[i + 1] = (byte) 0xC3;
                    bytes[i + 2] = (byte) 0x28;
                }
            }
        }
        return bytes;
    }

    /// Adds to what the last event means.
    private void also(Runnable fact) {
        Entry last = block.removeLast();
        block.add(new Entry(last.bytes(), () -> {
            last.fact().run();
            fact.run();
        }));
    }

    private void flush() throws IOException {
        if (quirks.contains(Quirk.SHUFFLED)) {
            Collections.shuffle(block, random);
        }
        for (Entry entry : block) {
            if (cut) {
                break;
            }
            write(entry);
        }
        block.clear();
    }

    private void write(Entry entry) throws IOException {
        byte[] separator = {','};
        if (!first) {
            bytes(separator);
        }
        first = false;
        if (bytes(entry.bytes())) {
            sheet.event();
            entry.fact().run();
        }
    }

    private void raw(String part) throws IOException {
        bytes(part.getBytes(StandardCharsets.UTF_8));
    }

    /// Writes what fits before the cut. False if not all of it did.
    private boolean bytes(byte[] bytes) throws IOException {
        int n = (int) Math.min(bytes.length, cutAt - written);
        out.write(bytes, 0, n);
        written += n;
        if (n < bytes.length && !cut) {
            cut = true;
            sheet.truncate(quirks.contains(Quirk.LATE_METADATA) ? base() : 0);
        }
        return n == bytes.length;
    }
}
