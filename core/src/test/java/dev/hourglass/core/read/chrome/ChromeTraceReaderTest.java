package dev.hourglass.core.read.chrome;

import static dev.hourglass.core.read.chrome.ChromeRead.events;
import static dev.hourglass.core.read.chrome.ChromeRead.span;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChromeTraceReaderTest {
    private static final String SMALL = """
            {"schemaVersion": 1, "baseTimeNanoseconds": 1790857026000000000, "traceEvents": [
              {"ph": "X", "cat": "user_annotation", "name": "decode_0", "pid": 7, "tid": 7, "ts": 4446205630037.249, "dur": 100.001},
              {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 7, "tid": 7, "ts": 4446205630040.000, "dur": 50.5,
               "args": {"External id": 3, "Input Dims": [[1, 2], [2, 3]], "Input type": ["float", "float"], "Ev Idx": 1}},
              {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 7, "tid": 7, "ts": 4446205630045.125, "dur": 5,
               "args": {"External id": 3, "cbid": 211, "correlation": 9}},
              {"ph": "X", "cat": "kernel", "name": "k<1>", "pid": 0, "tid": 20, "ts": 4446205630060.007, "dur": 2.003,
               "args": {"External id": 3, "device": 0, "context": 1, "stream": 20, "correlation": 9, "registers per thread": 32,
                        "shared memory": 1024, "grid": [4, 2, 1], "block": [128, 1, 1], "est. achieved occupancy %": 25}},
              {"ph": "X", "cat": "gpu_memcpy", "name": "Memcpy HtoD (Pageable -> Device)", "pid": 0, "tid": 20,
               "ts": 4446205630070, "dur": 1.5, "args": {"device": 0, "stream": 20, "bytes": 4096, "memory bandwidth (GB/s)": 2.5}},
              {"ph": "s", "id": 9, "pid": 7, "tid": 7, "ts": 4446205630045.125, "cat": "ac2g", "name": "ac2g"},
              {"ph": "f", "id": 9, "pid": 0, "tid": 20, "ts": 4446205630060.007, "cat": "ac2g", "name": "ac2g", "bp": "e"},
              {"ph": "C", "name": "power", "pid": 0, "ts": 4446205630061, "args": {"W": 250.5}},
              {"ph": "M", "name": "process_name", "pid": 7, "tid": 0, "ts": 0, "args": {"name": "python"}},
              {"ph": "M", "name": "thread_name", "pid": 7, "tid": 7, "ts": 0, "args": {"name": "main"}},
              {"ph": "i", "s": "g", "name": "Record Window End", "pid": "", "tid": "", "ts": 4446205630099.999}
            ], "traceName": "t.json"}
            """;

    private static final long BASE = 1790857026000000000L;

    @TempDir
    Path directory;

    private ChromeRead read(String json) throws IOException {
        return read(json.getBytes(StandardCharsets.UTF_8));
    }

    private ChromeRead read(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("trace.json"), bytes);
        return ChromeRead.of(file);
    }

    @Test
    void timesAreExactToTheNanosecond() throws IOException {
        ChromeRead read = read(SMALL);
        Map<String, Object> annotation = read.slices().getFirst();
        assertThat(annotation)
                .containsEntry("ts", BASE + 4446205630037249L)
                .containsEntry("dur", 100_001L)
                .containsEntry("name", "decode_0");
        assertThat(read.context().clock()).isEqualTo(SourceClock.unix(0));
    }

    @Test
    void slicesNestByContainment() throws IOException {
        List<Map<String, Object>> slices = read(SMALL).slices();
        assertThat(slices).extracting(s -> s.get("depth")).containsExactly(0L, 1L, 2L, 0L, 0L, 0L);
        assertThat(slices.get(1)).containsEntry("parent_id", slices.get(0).get("id"));
        assertThat(slices.get(2)).containsEntry("parent_id", slices.get(1).get("id"));
        assertThat(slices.get(3)).doesNotContainKey("parent_id");
    }

    @Test
    void kernelsKnowTheirLaunchAndTheirArguments() throws IOException {
        ChromeRead read = read(SMALL);
        Map<String, Object> kernel = read.rows().of(TraceTables.KERNEL).getFirst();
        Map<String, Object> launch = read.rows().of(TraceTables.LAUNCH).getFirst();
        assertThat(kernel)
                .containsEntry("name", "k<1>")
                .containsEntry("device", 0L)
                .containsEntry("stream", 20L)
                .containsEntry("correlation", 9L)
                .containsEntry("launch_id", launch.get("id"))
                .containsEntry("grid_x", 4L)
                .containsEntry("grid_y", 2L)
                .containsEntry("block_x", 128L)
                .containsEntry("shared_bytes", 1024L)
                .containsEntry("occupancy_ratio", 0.25)
                .doesNotContainKeys("collective", "process_group", "graph_node_id", "message_bytes");
        assertThat(launch)
                .containsEntry("kind", "kernel")
                .containsEntry("ops", 1L)
                .containsEntry("first_ts", kernel.get("ts"))
                .containsEntry("last_end_ts", (long) kernel.get("ts") + 2003);
        assertThat(read.rows().of(TraceTables.FLOW))
                .singleElement()
                .satisfies(flow -> assertThat(flow)
                        .containsEntry("slice_out", launch.get("id"))
                        .containsEntry("slice_in", kernel.get("id"))
                        .containsEntry("category", "ac2g"));
    }

    @Test
    void copiesTellKindBytesAndBandwidth() throws IOException {
        assertThat(read(SMALL).rows().of(TraceTables.MEMCPY).getFirst())
                .containsEntry("kind", "HtoD")
                .containsEntry("src_kind", "pageable")
                .containsEntry("dst_kind", "device")
                .containsEntry("bytes", 4096L)
                .containsEntry("bandwidth", 2.5e9);
    }

    /// Key and value of what `arg_value` holds.
    private static List<String> argumentsOf(ChromeRead read, long slice) {
        return read.rows().of(TraceTables.ARG_VALUE).stream()
                .filter(row -> row.get("arg_set_id").equals(slice))
                .map(row -> row.get("key") + "="
                        + row.getOrDefault(
                                "int_value", row.getOrDefault("real_value", row.getOrDefault("string_value", "null"))))
                .toList();
    }

    private static long idOf(ChromeRead read, String name) {
        return (long) read.slices().stream()
                .filter(slice -> slice.get("name").equals(name))
                .findFirst()
                .orElseThrow()
                .get("id");
    }

    @Test
    void argumentsWithoutAColumnAreKept() throws IOException {
        ChromeRead read = read(
                events(
                        "{\"ph\":\"X\",\"cat\":\"cuda_runtime\",\"name\":\"cudaMemsetAsync\",\"ts\":1,\"dur\":1,\"pid\":9,\"tid\":9,\"args\":{\"correlation\":4}}",
                        "{\"ph\":\"X\",\"cat\":\"gpu_memset\",\"name\":\"Memset (Device)\",\"ts\":5,\"dur\":2,\"pid\":0,\"tid\":7,"
                                + "\"args\":{\"device\":0,\"context\":1,\"stream\":7,\"correlation\":4,\"bytes\":8192,\"memory bandwidth (GB/s)\":4.5}}",
                        "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"ncclDevKernel\",\"ts\":9,\"dur\":2,\"pid\":0,\"tid\":7,"
                                + "\"args\":{\"device\":0,\"stream\":7,\"Group size\":2,\"dtype\":\"Half\"}}",
                        "{\"ph\":\"X\",\"cat\":\"cpu_op\",\"name\":\"op\",\"ts\":20,\"dur\":2,\"pid\":9,\"tid\":9,\"args\":{\"bytes\":5}}"));
        assertThat(argumentsOf(read, idOf(read, "Memset (Device)")))
                .containsExactly("device=0", "context=1", "stream=7", "bytes=8192", "memory bandwidth (GB/s)=4.5");
        assertThat(argumentsOf(read, idOf(read, "ncclDevKernel"))).containsExactly("Group size=2");
        assertThat(argumentsOf(read, idOf(read, "op"))).containsExactly("bytes=5");
        assertThat(read.rows().of(TraceTables.LAUNCH).getFirst()).containsEntry("ops", 1L);
        assertThat(read.rows().of(TraceTables.MEMCPY)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "CopyHostToDevice, HtoD, unknown, device",
        "CopyDeviceToHost, DtoH, device, unknown",
        "CopyDeviceToDevice, DtoD, device, device",
        "CopyHostToHost, HtoH, unknown, unknown",
        "hipMemcpyHostToDevice, HtoD, unknown, device",
        "hipMemcpyDtoHAsync, DtoH, device, unknown",
        "MEMORY_COPY_DEVICE_TO_HOST, DtoH, device, unknown",
        "hipMemcpyPeerAsync, PtoP, device, device",
        "Memcpy PtoP (Device -> Device), PtoP, device, device",
        "Memcpy HtoD (Pinned -> Device), HtoD, pinned, device",
        "Memcpy HtoA (Pageable -> Array), HtoA, pageable, array",
        "Copy, unknown, unknown, unknown",
        "GotoAHall, unknown, unknown, unknown",
    })
    void namesOfCopiesTellTheirKind(String name, String kind, String from, String to) throws IOException {
        ChromeRead read = read(events("{\"ph\":\"X\",\"cat\":\"gpu_memcpy\",\"name\":\"" + name
                + "\",\"ts\":1,\"dur\":1,\"pid\":2,\"tid\":0,\"args\":{\"device\":2,\"stream\":0}}"));
        assertThat(read.rows().of(TraceTables.MEMCPY).getFirst())
                .containsEntry("kind", kind)
                .containsEntry("src_kind", from)
                .containsEntry("dst_kind", to);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[4, 5, 6]",
                "[\"4\", \"5\", \"6\"]",
                "\"[4, 5, 6]\"",
                "\"[4,5,6]\"",
                "\"(4, 5, 6)\"",
                "\"4, 5, 6\""
            })
    void sizesOfKernelsAreListsOrTheirTexts(String size) throws IOException {
        String kernel = "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"ts\":5,\"dur\":6,\"pid\":2,\"tid\":0,"
                + "\"args\":{\"device\":2,\"stream\":0,\"block\":" + size + "}}";
        String call =
                "{\"ph\":\"X\",\"cat\":\"cuda_runtime\",\"name\":\"hipLaunchKernel\",\"ts\":1,\"dur\":2,\"pid\":9,"
                        + "\"tid\":9,\"args\":{\"kernel\":\"k\",\"grid\":" + size + "}}";
        ChromeRead read = read(events(kernel, call, kernel));
        assertThat(read.rows().of(TraceTables.KERNEL))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row)
                        .containsEntry("block_x", 4L)
                        .containsEntry("block_y", 5L)
                        .containsEntry("block_z", 6L));
        assertThat(argumentsOf(read, idOf(read, "hipLaunchKernel"))).containsExactly("grid=[4, 5, 6]", "kernel=k");
        assertThat(read.losses()).extracting(ImportStats.Loss::severity).containsOnly(Severity.INFO);
    }

    /// A value that its column cannot hold stays as it is.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "block | 7 | block=7",
                "block | [4, 5] | block=[4, 5]",
                "block | [\"a\", 5, 6] | block=[\"a\", 5, 6]",
                "block | \"4x5\" | block=4x5",
                "stream | \"default\" | stream=default",
                "shared memory | {\"static\": 3} | shared memory={\"static\": 3}",
            })
    void argumentsOfAnotherFormAreKept(String name, String value, String kept) throws IOException {
        ChromeRead read =
                read(events("{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"ts\":5,\"dur\":6,\"pid\":2,\"tid\":0,"
                        + "\"args\":{\"device\":2,\"" + name + "\":" + value + "}}"));
        assertThat(argumentsOf(read, idOf(read, "k"))).containsExactly(kept);
        assertThat(read.rows().of(TraceTables.KERNEL).getFirst())
                .containsEntry("device", 2L)
                .doesNotContainKeys("block_x", "block_y", "block_z", "shared_bytes");
        assertThat(read.losses()).extracting(ImportStats.Loss::severity).containsOnly(Severity.INFO);
    }

    @Test
    void operatorsKeepShapes() throws IOException {
        assertThat(read(SMALL).rows().of(TraceTables.OP_DETAIL).getFirst())
                .containsEntry("external_id", 3L)
                .containsEntry("input_dims", "[[1, 2], [2, 3]]")
                .doesNotContainKeys("module", "stack", "flops");
    }

    @Test
    void stagesCountersAndNamesAreThere() throws IOException {
        ChromeRead read = read(SMALL);
        assertThat(read.rows().of(EngineTables.STAGE).getFirst())
                .containsEntry("kind", "decode")
                .containsEntry("name", "decode_0")
                .containsEntry("dur", 100_001L);
        assertThat(read.rows().of(TraceTables.COUNTER).getFirst())
                .containsEntry("value", 250.5)
                .containsEntry("ts", BASE + 4446205630061000L);
        assertThat(read.rows().of(TraceTables.TRACK))
                .anySatisfy(track ->
                        assertThat(track).containsEntry("type", "counter").containsEntry("name", "power W"))
                .anySatisfy(track ->
                        assertThat(track).containsEntry("type", "stream").containsEntry("stream", 20L))
                .anySatisfy(track ->
                        assertThat(track).containsEntry("type", "thread").containsEntry("name", "main"));
        assertThat(read.rows().of(TraceTables.PROCESS))
                .anySatisfy(
                        process -> assertThat(process).containsEntry("pid", 7L).containsEntry("name", "python"));
        assertThat(read.losses()).extracting(ImportStats.Loss::severity).containsOnly(Severity.INFO);
    }

    @Test
    void stagePatternOfTheUserWins() throws IOException {
        Path file = Files.writeString(directory.resolve("t.json"), SMALL.replace("decode_0", "phase A"));
        assertThat(ChromeRead.of(file, ImportContext.standalone()).rows().of(EngineTables.STAGE))
                .isEmpty();
        ImportContext wish = new ImportContext(
                new ImportContext.Ids(),
                new ImportContext.Options(Optional.of(Pattern.compile("^phase")), false, OptionalLong.empty()),
                bytes -> {});
        assertThat(ChromeRead.of(file, wish).rows().of(EngineTables.STAGE))
                .singleElement()
                .satisfies(stage -> assertThat(stage).containsEntry("kind", "other"));
    }

    @Test
    void beginAndEndBecomeOneSlice() throws IOException {
        ChromeRead read = read(events(
                "{\"ph\":\"B\",\"name\":\"outer\",\"pid\":1,\"tid\":1,\"ts\":10}",
                "{\"ph\":\"B\",\"name\":\"inner\",\"pid\":1,\"tid\":1,\"ts\":20}",
                "{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":30}",
                "{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":45.5}",
                "{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":50}",
                "{\"ph\":\"B\",\"name\":\"open\",\"pid\":1,\"tid\":1,\"ts\":60}"));
        assertThat(read.slices()).extracting(s -> s.get("dur")).containsExactly(35_500L, 10_000L, -1L);
        assertThat(read.slices()).extracting(s -> s.get("depth")).containsExactly(0L, 1L, 0L);
        assertThat(read.lost("end_without_begin")).isEqualTo(1);
        assertThat(read.lost("span_without_end")).isEqualTo(1);
    }

    /// Of begins and ends in any segment: read at once, and by several threads from short stretches.
    @Test
    void argumentsOfAnEndJoinThoseOfItsBegin() throws IOException {
        String json = events(
                "{\"ph\":\"B\",\"name\":\"step\",\"ts\":1,\"pid\":1,\"tid\":1,\"args\":{\"batch\":8,\"state\":\"begun\",\"bytes\":5}}",
                "{\"ph\":\"X\",\"name\":\"inner\",\"ts\":2,\"dur\":1,\"pid\":1,\"tid\":1,\"args\":{\"state\":\"x\"}}",
                "{\"ph\":\"E\",\"ts\":5,\"pid\":1,\"tid\":1,\"args\":{\"tokens\":17,\"state\":\"over\",\"bytes\":7}}",
                "{\"ph\":\"b\",\"name\":\"req\",\"cat\":\"r\",\"id\":\"1\",\"ts\":1,\"pid\":1,\"tid\":1,\"args\":{\"prompt\":5}}",
                "{\"ph\":\"n\",\"name\":\"first\",\"cat\":\"r\",\"id\":\"1\",\"ts\":2,\"pid\":1,\"tid\":1,\"args\":{\"n\":1}}",
                "{\"ph\":\"e\",\"name\":\"req\",\"cat\":\"r\",\"id\":\"1\",\"ts\":9,\"pid\":1,\"tid\":1,\"args\":{\"finish\":\"stop\"}}",
                "{\"ph\":\"B\",\"name\":\"silent\",\"ts\":20,\"pid\":1,\"tid\":1}",
                "{\"ph\":\"E\",\"ts\":21,\"pid\":1,\"tid\":1,\"args\":{\"Ev Idx\":3}}",
                "{\"ph\":\"E\",\"ts\":30,\"pid\":1,\"tid\":1,\"args\":{\"lost\":1}}");
        Path file = Files.writeString(directory.resolve("trace.json"), json);
        for (ChromeTraceReader reader : List.of(new ChromeTraceReader(), new ChromeTraceReader(1, 64, 8))) {
            ImportContext.Options raw = new ImportContext.Options(Optional.empty(), true, OptionalLong.empty());
            ChromeRead read = ChromeRead.of(
                    reader, file, new ImportContext(new ImportContext.Ids(), raw, bytes -> {}, directory));
            assertThat(argumentsOf(read, idOf(read, "step")))
                    .containsExactlyInAnyOrder("batch=8", "state=over", "tokens=17", "bytes=7");
            assertThat(argumentsOf(read, idOf(read, "inner"))).containsExactly("state=x");
            assertThat(argumentsOf(read, idOf(read, "req"))).containsExactly("prompt=5", "finish=stop");
            assertThat(argumentsOf(read, idOf(read, "first"))).containsExactly("n=1");
            assertThat(rawOf(read, "step")).isEqualTo("{\"batch\":8, \"state\":\"over\", \"bytes\":7, \"tokens\":17}");
            assertThat(rawOf(read, "inner")).isEqualTo("{\"state\":\"x\"}");
            assertThat(rawOf(read, "req")).isEqualTo("{\"prompt\":5, \"finish\":\"stop\"}");
            assertThat(rawOf(read, "silent")).isEqualTo("{\"Ev Idx\":3}");
            assertThat(read.rows().of(TraceTables.RAW_ARGS)).hasSize(5);
            assertThat(read.lost("end_without_begin")).isEqualTo(1);
        }
    }

    private static Object rawOf(ChromeRead read, String name) {
        return read.rows().of(TraceTables.RAW_ARGS).stream()
                .filter(row -> row.get("slice_id").equals(idOf(read, name)))
                .findFirst()
                .orElseThrow()
                .get("json");
    }

    @Test
    void asynchronousSpansHaveTracksOfTheirOwn() throws IOException {
        ChromeRead read = read(events(
                "{\"ph\":\"b\",\"cat\":\"request\",\"name\":\"r\",\"id\":\"0x1\",\"pid\":1,\"tid\":1,\"ts\":10}",
                "{\"ph\":\"b\",\"cat\":\"request\",\"name\":\"r\",\"id\":\"0x2\",\"pid\":1,\"tid\":1,\"ts\":12}",
                "{\"ph\":\"n\",\"cat\":\"request\",\"name\":\"first token\",\"id\":\"0x1\",\"pid\":1,\"tid\":1,\"ts\":15}",
                "{\"ph\":\"e\",\"cat\":\"request\",\"name\":\"r\",\"id\":\"0x1\",\"pid\":1,\"tid\":1,\"ts\":30}",
                "{\"ph\":\"e\",\"cat\":\"request\",\"name\":\"r\",\"id\":\"0x2\",\"pid\":1,\"tid\":1,\"ts\":20}"));
        assertThat(read.slices()).extracting(s -> s.get("dur")).containsExactly(20_000L, 8_000L, 0L);
        assertThat(read.slices().get(0).get("track_id"))
                .isNotEqualTo(read.slices().get(1).get("track_id"));
        assertThat(read.slices().get(2))
                .containsEntry("parent_id", read.slices().get(0).get("id"));
    }

    @Test
    void idsCountWhereTheySay() throws IOException {
        String[] global = {"{\"global\":\"0x1\"}", "{ \"global\" : \"0x1\" }", "\"0x1\""};
        for (String id : global) {
            ChromeRead read = read(
                    events(async('b', 1, global[0], 3), async('b', 2, "{\"local\":\"0x1\"}", 4), async('e', 2, id, 9)));
            assertThat(read.slices()).extracting(s -> s.get("dur")).containsExactly(6_000L, -1L);
        }
        ChromeRead read = read(events(
                async('b', 1, "{\"local\":\"0x1\"}", 3),
                async('b', 2, "{\"local\":\"0x1\"}", 4),
                // The process behind the id, and the form of Chrome's own writer.
                "{\"id2\":{\"local\": \"0x1\"},\"ph\":\"e\",\"cat\":\"r\",\"name\":\"q\",\"ts\":5,\"pid\":1,\"tid\":3}",
                async('e', 2, "{\"other\":[{}],\"local\":\"0x1\"}", 9),
                async('b', 3, "{\"local\":7}", 20),
                async('e', 3, "{\"local\":7}", 21)));
        assertThat(read.slices()).extracting(s -> s.get("dur")).containsExactly(2_000L, 5_000L, 1_000L);
        assertThat(read.slices()).extracting(s -> s.get("track_id")).doesNotHaveDuplicates();
        assertThat(read.rows().of(TraceTables.PROCESS))
                .extracting(p -> p.get("pid"))
                .contains(1L, 2L, 3L);
        assertThat(read.losses()).extracting(ImportStats.Loss::severity).containsOnly(Severity.INFO);
    }

    private static String async(char phase, int pid, String id, long ts) {
        return "{\"ph\":\"" + phase + "\",\"cat\":\"r\",\"name\":\"q\",\"" + (id.startsWith("{") ? "id2" : "id") + "\":"
                + id + ",\"ts\":" + ts + ",\"pid\":" + pid + ",\"tid\":1}";
    }

    @Test
    void drawnLinksAreBoundToTheSlicesAroundThem() throws IOException {
        ChromeRead read = read(
                events(
                        span("a", 0, 100),
                        span("b", 200, 100),
                        "{\"ph\":\"s\",\"cat\":\"fwdbwd\",\"name\":\"fwdbwd\",\"id\":4,\"pid\":1,\"tid\":1,\"ts\":10}",
                        "{\"ph\":\"f\",\"bp\":\"e\",\"cat\":\"fwdbwd\",\"name\":\"fwdbwd\",\"id\":4,\"pid\":1,\"tid\":1,\"ts\":210}"));
        assertThat(read.rows().of(TraceTables.FLOW))
                .singleElement()
                .satisfies(flow -> assertThat(flow)
                        .containsEntry("slice_out", read.slices().get(0).get("id"))
                        .containsEntry("slice_in", read.slices().get(1).get("id"))
                        .containsEntry("trace_id", 4L));
    }

    @Test
    void theProfilerBeforeKinetoIsRead() throws IOException {
        ChromeRead read = read(
                "[{\"name\": \"aten::add\", \"ph\": \"X\", \"ts\": 1.5, \"dur\": 2, \"tid\": 1, \"pid\": \"CPU Functions\","
                        + " \"shape\": [[2, 2]], \"args\": {}}]");
        assertThat(read.slices().getFirst()).containsEntry("category", "cpu_op").containsEntry("ts", 1500L);
        assertThat(read.rows().of(TraceTables.OP_DETAIL).getFirst()).containsEntry("input_dims", "[[2, 2]]");
        assertThat(read.context().clock().method()).isEqualTo(SourceClock.Method.UNALIGNED);
    }

    @Test
    void numbersMayBeTextAndTextNumbers() throws IOException {
        ChromeRead read = read(events(
                "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"pid\":\"0\",\"tid\":\"7\",\"ts\":\"12.5\",\"dur\":\"1.25\","
                        + "\"args\":{\"stream\":\"7\",\"device\":\"0\",\"correlation\":\"12\"}}",
                "{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"pid\":0,\"tid\":7,\"ts\":1.4e1,\"dur\":1}"));
        assertThat(read.slices().get(0)).containsEntry("ts", 12_500L).containsEntry("dur", 1_250L);
        assertThat(read.slices().get(1)).containsEntry("ts", 14_000L);
        assertThat(read.slices().get(1).get("track_id"))
                .isEqualTo(read.slices().get(0).get("track_id"));
        assertThat(read.rows().of(TraceTables.KERNEL).get(0)).containsEntry("correlation", 12L);
    }

    @Test
    void everyPrefixYieldsTheEventsBeforeItsEnd() throws IOException {
        byte[] whole = SMALL.getBytes(StandardCharsets.UTF_8);
        ChromeRead all = read(whole);
        int list = SMALL.indexOf('[') + 1;
        int before = 0;
        for (int cut = 1; cut < whole.length; cut++) {
            byte[] prefix = java.util.Arrays.copyOf(whole, cut);
            if (cut < list) {
                Assertions.assertThatCode(() -> {
                            try {
                                read(prefix);
                            } catch (TraceFormatException e) {
                                assertThat(e).hasMessageContaining("trace.json").hasMessageContaining("byte");
                            }
                        })
                        .as("cut at %s", cut)
                        .doesNotThrowAnyException();
                continue;
            }
            ChromeRead read = read(prefix);
            int n = read.slices().size();
            assertThat(n).as("cut at %s", cut).isBetween(before, all.slices().size());
            assertThat(read.slices().stream().map(s -> s.get("ts")).toList())
                    .as("cut at %s", cut)
                    .isEqualTo(all.slices().subList(0, n).stream()
                            .map(s -> s.get("ts"))
                            .toList());
            before = n;
            if (cut < SMALL.lastIndexOf('}')) {
                assertThat(read.lost("truncated")).as("cut at %s", cut).isEqualTo(1);
            }
        }
        assertThat(before).isEqualTo(all.slices().size());
    }

    @Test
    void aCutArchiveYieldsWhatStandsBeforeTheCut() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < 5000; i++) {
            json.append(i == 0 ? "" : ",\n").append(span("n" + i * 7919 % 10_007, i * 10L, 5));
        }
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(json.append("]").toString().getBytes(StandardCharsets.UTF_8));
        }
        byte[] whole = packed.toByteArray();
        ChromeRead all = read(whole);
        assertThat(all.slices()).hasSize(5000);
        assertThat(all.losses()).extracting(ImportStats.Loss::severity).doesNotContain(Severity.DATA_LOSS);
        ChromeRead half = read(java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThat(half.slices().size()).isBetween(1000, 4999);
        assertThat(half.lost("truncated")).isEqualTo(1);
    }

    @Test
    void escapesAreUnderstood() throws IOException {
        ChromeRead read = read(
                events(span("tab\\t \\u00e9 \\ud83d\\ude00 \\\\ \\/ \\\" C:\\\\x", 0, 1), span("C:\\Users", 5, 1)));
        assertThat(read.slices().get(0)).containsEntry("name", "tab\t é 😀 \\ / \" C:\\x");
        assertThat(read.slices().get(1)).containsEntry("name", "C:\\Users");
    }

    @Test
    void deepNestingAndLongTextAreNoTrouble() throws IOException {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        String longName = "n".repeat(3 << 20);
        ChromeRead read = read("[{\"ph\":\"X\",\"name\":\"" + longName
                + "\",\"pid\":1,\"tid\":1,\"ts\":1,\"dur\":3,\"args\":{\"x\":" + deep + "}}," + span("b", 5, 1) + "]");
        assertThat(read.slices()).hasSize(2);
        assertThat((String) read.slices().getFirst().get("name")).hasSize(3 << 20);
    }

    @Test
    void metadataMayStandBehindTheEvents() throws IOException {
        ChromeRead read = read(
                "{\"traceEvents\": " + events(span("a", 1, 1)) + ", \"baseTimeNanoseconds\": 1000000000000000000}");
        assertThat(read.slices().getFirst()).containsEntry("ts", 1000000000000001000L);
    }

    @Test
    void whatIsNotATraceIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> read("{\"a\": 1}"))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("traceEvents");
        assertThatThrownBy(() -> read("{\"traceEvents\": 5}"))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("at byte");
    }

    @Test
    void flippedBytesNeverCrashHangOrInventSlices() throws IOException {
        byte[] whole = SMALL.getBytes(StandardCharsets.UTF_8);
        SplittableRandom random = new SplittableRandom(20261125);
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            int at = round;
            Assertions.assertThatCode(() -> Assertions.assertThat(slicesOrRefusal(bytes))
                            .as("round %s", at)
                            .isLessThanOrEqualTo(12))
                    .as("round %s", at)
                    .doesNotThrowAnyException();
        }
    }

    private int slicesOrRefusal(byte[] bytes) throws IOException {
        try {
            return org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> read(bytes).slices().size());
        } catch (TraceFormatException e) {
            return 0;
        }
    }
}
