package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Planted files of the same kinds as the cases of readers: other numbers, names and formats.
final class ReaderVariantsTest {
    private static final String CALL =
            "{'ph':'X','cat':'cuda_runtime','name':'cudaLaunchKernel','pid':9,'tid':9,'ts':%s,'dur':5,'args':{'correlation':%d}}";
    private static final String WORK =
            "{'ph':'X','cat':'%s','name':'k','pid':0,'tid':7,'ts':%s,'dur':%s,'args':{'device':0,'stream':7,'correlation':%d}}";

    @TempDir
    private Path folder;

    private static String kernel(String ts, String dur, int correlation) {
        return String.format(WORK, "kernel", ts, dur, correlation);
    }

    /// One piece of device work with a time that cannot be, beside a launch and its kernel of 10 µs.
    @ParameterizedTest
    @CsvSource({
        "kernel, 0, 0", // never written
        "kernel, 1700000000000200, -5", // an end before the start
        "kernel, 1699999000000000, 10", // 1000 s before the recording
        "kernel, 1700009000000000, 10", // 9000 s after it
        "kernel, 0, 1700000000000210", // the start never written
        "gpu_memcpy, 0, 0",
        "gpu_memcpy, 5, 10",
        "gpu_memset, 0, 0",
        "gpu_memset, 1600000000000000, 10",
    })
    void impossibleTimesOfDeviceWorkAreInNoSpan(String category, String ts, String dur) throws IOException {
        String trace = Case.chrome(
                String.format(CALL, "1700000000000000", 1),
                kernel("1700000000000100", "10", 1),
                String.format(CALL, "1700000000000120", 2),
                String.format(WORK, category, ts, dur, 2));
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.row("SELECT max(end_ts) - min(ts), sum(end_ts - ts), count(*) FROM device_op"))
                    .isEqualTo("10000 | 10000 | 1");
            assertThat(read.row("SELECT count(*), count(ts) FROM gpu_slice")).isEqualTo("2 | 1");
            assertThat(read.row("SELECT end_ts - start_ts FROM trace_bounds")).isEqualTo("125000");
            assertThat(read.row("SELECT time_base FROM source")).isEqualTo("unix");
            assertThat(read.losses()).containsExactly("data_loss device_time_impossible 1");
            assertThat(read.rows("SELECT ops, last_end_ts IS NULL FROM launch ORDER BY ts"))
                    .containsExactly("1 | false", "1 | true");
        }
    }

    /// Times of a trace that counts from its own start, and work that goes on after the host, are possible.
    @Test
    void possibleTimesStay() throws IOException {
        String trace = Case.chrome(
                String.format(CALL, "0", 1), kernel("0", "10", 1), kernel("20", "0", 2), kernel("30000000", "10", 3));
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.row("SELECT count(ts), max(ts + dur) FROM kernel")).isEqualTo("3 | 30000010000");
            assertThat(read.losses()).isEmpty();
        }
    }

    /// Kernels alone: the one that is a day from the others decides neither their span nor what times count from.
    @ParameterizedTest
    @ValueSource(strings = {"0", "1600000000000000", "1", "1790000000000000"})
    void oneOfManyKernelsDecidesNothing(String odd) throws IOException {
        String trace = Case.chrome(
                kernel("1700000000000000", "10", 1),
                kernel(odd, "10", 2),
                kernel("1700000000000020", "10", 3),
                kernel("1700000000000040", "10", 4));
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.row("SELECT max(end_ts) - min(ts), sum(end_ts - ts), count(*) FROM device_op"))
                    .isEqualTo("50000 | 30000 | 3");
            assertThat(read.row("SELECT time_base FROM source")).isEqualTo("unix");
            assertThat(read.losses()).containsExactly("data_loss device_time_impossible 1");
        }
    }

    /// A device whose clock is two hours away has a clock all the same: its work has spans and sums.
    @Test
    void mostWorkFarFromTheHostIsAClockOfItsOwn() throws IOException {
        List<String> events = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
            events.add(String.format(CALL, "1700000000000" + i + "00", i));
            events.add(kernel("1700007200000" + i + "05", "10", i));
        }
        try (Case read = Case.of(folder, "t.json", Case.chrome(events.toArray(String[]::new)))) {
            assertThat(read.row("SELECT count(ts), sum(dur) FROM kernel")).isEqualTo("9 | 90000");
            assertThat(read.losses()).containsExactly("notice device_clock_apart 9");
        }
    }

    @Test
    void asynchronousSpansOfOneIdAreCountedWhereTheyDoNotMatch() throws IOException {
        String span = "{'ph':'%s','cat':'c','name':'%s','id':'7','pid':1,'tid':1,'ts':%d}";
        String trace = Case.chrome(
                String.format(span, "b", "a", 0),
                String.format(span, "b", "a", 1),
                String.format(span, "b", "b", 2),
                String.format(span, "e", "a", 4),
                String.format(span, "e", "x", 5),
                String.format(span, "e", "a", 8));
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.rows("SELECT name, ts, dur FROM slice ORDER BY ts"))
                    .containsExactly("a | 0 | 8000", "a | 1000 | 3000", "b | 2000 | -1");
            assertThat(read.losses())
                    .containsExactlyInAnyOrder("data_loss end_without_begin 1", "notice span_without_end 1");
        }
    }

    /// An operator between a frame and its caller stays between them; a frame that has returned does not.
    @Test
    void theCallerThatAFrameNamesWins() throws IOException {
        String frame =
                "{'ph':'X','cat':'python_function','name':'%s','pid':1,'tid':1,'ts':%d,'dur':%d,'args':{'Python id':%d,'Python parent id':%s}}";
        String op = "{'ph':'X','cat':'cpu_op','name':'%s','pid':1,'tid':1,'ts':%d,'dur':%d}";
        String trace = Case.chrome(
                String.format(frame, "main", 0, 100, 1, "null"),
                String.format(frame, "lost", 5, 95, 2, "1"),
                String.format(op, "autograd", 10, 20),
                String.format(frame, "backward", 12, 10, 3, "2"),
                String.format(frame, "next", 40, 60, 4, "1"),
                String.format(op, "late", 50, 5),
                String.format(frame, "unknown caller", 60, 5, 5, "77"));
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.rows("SELECT s.name, p.name, s.correlation, s.external_id FROM slice s"
                            + " LEFT JOIN slice p ON p.id = s.parent_id ORDER BY s.id"))
                    .containsExactly(
                            "main | - | - | -",
                            "lost | main | - | -",
                            "autograd | lost | - | -",
                            "backward | autograd | - | -",
                            "next | main | - | -",
                            "late | next | - | -",
                            "unknown caller | next | - | -");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'traceEvents':[%s]}[%s]",
                "[%s]\n{'traceEvents':[%s]}",
                "{'traceEvents':[%s],'traceEvents':[%s]}",
                "{'traceEvents':[%s]} written by another tool %s"
            })
    void whatStandsBehindATraceIsCountedWithItsBytes(String form) throws IOException {
        String text =
                String.format(form, "{'ph':'X','name':'a','ts':1,'dur':2}", "{'ph':'X','name':'b','ts':1,'dur':2}");
        try (Case read = Case.of(folder, "t.json", text.replace('\'', '"'))) {
            assertThat(read.rows("SELECT name FROM slice")).containsExactly("a");
            assertThat(read.place("content_behind") + read.place("second_list"))
                    .matches("bytes \\d+ to " + text.length() + ": .*");
        }
    }

    @Test
    void aSecondMemberOfAnArchiveIsReadOrCounted() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (String name : List.of("a", "b")) {
            try (GZIPOutputStream member = new GZIPOutputStream(members)) {
                member.write(Case.chrome("{'ph':'X','name':'" + name + "','ts':1,'dur':2}")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        try (Case read = Case.of(folder, "t.json.gz", members.toByteArray())) {
            assertThat(read.losses()).containsExactly("data_loss content_behind 1");
        }
    }

    /// What is no member, unless it is zeros that fill a block of a tape.
    @ParameterizedTest
    @CsvSource({"garbage, 1", "{}, 1", "'\0\0\0\0\0', 0"})
    void whatStandsBehindAnArchiveIsCountedWithItsBytes(String tail, int lost) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        for (int members = 0; members < 3; members++) {
            try (GZIPOutputStream member = new GZIPOutputStream(archive)) {
                member.write("# TYPE a_b gauge\na_b 1\n".getBytes(StandardCharsets.UTF_8));
            }
        }
        int size = archive.size();
        archive.write(tail.getBytes(StandardCharsets.UTF_8));
        try (Case read = Case.of(folder, "m.prom.gz", archive.toByteArray())) {
            assertThat(read.row("SELECT count(*) FROM metric")).isEqualTo("3");
            assertThat(read.losses()).hasSize(lost);
            assertThat(read.place("content_behind"))
                    .isEqualTo(
                            lost == 0
                                    ? ""
                                    : "bytes " + size + " to " + archive.size()
                                            + " of the file, behind the archive, are not read");
        }
    }

    @Test
    void emptyObjectsAreNoLossAndOthersWithoutAPhaseAre() throws IOException {
        String trace = Case.chrome("{ }", "{'ph':'X','name':'a','ts':1,'dur':2}", "{'name':'no phase'}", "{\n}");
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.losses()).containsExactly("data_loss event_without_phase 1");
        }
    }

    @Test
    void pathsNumbersAndCountersKeepWhatTheySay() throws IOException {
        String trace = """
                {"traceEvents":[{"ph":"X","cat":"cpu_op","name":"C:\\Users\\new\\table","pid":1,"tid":1,"ts":1,"dur":2,
                "args":{"raw":"D:\\new\\run.py","escaped":"C:\\\\Users\\\\new","tab":"a\\tb","big":18446744073709551615,
                "least":-9223372036854775808,"less":-9223372036854775809}},
                {"ph":"C","name":"c","pid":1,"ts":1,"args":{"v":"abc"}},{"ph":"C","name":"c","pid":1,"ts":2,"args":{"v":"3.5"}}]}
                """;
        try (Case read = Case.of(folder, "t.json", trace)) {
            assertThat(read.rows("SELECT name FROM slice")).containsExactly("C:\\Users\\new\\table");
            assertThat(read.rows("SELECT key, int_value, string_value FROM arg_value ORDER BY key"))
                    .containsExactly(
                            "big | - | 18446744073709551615",
                            "escaped | - | C:\\Users\\new",
                            "least | - | -9223372036854775808",
                            "less | - | -9223372036854775809",
                            "raw | - | D:\\new\\run.py",
                            "tab | - | a\tb");
            assertThat(read.rows("SELECT value FROM counter ORDER BY ts")).containsExactly("-", "3.5");
            assertThat(read.losses()).contains("data_loss unreadable_counter 1");
        }
    }

    /// The series of a metric mean what their declared type says, not what their beginning reminds of.
    @Test
    void seriesMeanWhatTheirTypeSays() throws IOException {
        String text = """
                # HELP vllm:time_to_first_token_seconds a
                # TYPE vllm:time_to_first_token_seconds histogram
                # UNIT vllm:time_to_first_token_seconds seconds
                vllm:time_to_first_token_seconds_bucket{le="0.1"} 3
                vllm:time_to_first_token_seconds_sum 0.2
                vllm:time_to_first_token_seconds_count 3
                vllm:time_to_first_token_seconds_created 1.7e9
                # TYPE vllm:request_success counter
                vllm:request_success_total 5
                vllm:request_success_created 1.7e9
                vllm:request_success_sum 8
                # TYPE vllm:num_preemptions summary
                vllm:num_preemptions{quantile="0.5"} 4
                vllm:num_preemptions_count 7
                vllm:num_requests_running_count 2
                """;
        try (Case read = Case.of(folder, "m.prom", text)) {
            assertThat(read.rows("SELECT substr(name, 6), type, meaning FROM metric ORDER BY rowid"))
                    .containsExactly(
                            "time_to_first_token_seconds_bucket | histogram | ttft",
                            "time_to_first_token_seconds_sum | histogram | ttft",
                            "time_to_first_token_seconds_count | histogram | ttft",
                            "time_to_first_token_seconds_created | gauge | -",
                            "request_success_total | counter | requests_finished",
                            "request_success_created | gauge | -",
                            "request_success_sum | untyped | -",
                            "num_preemptions | summary | preemptions",
                            "num_preemptions_count | summary | preemptions",
                            "num_requests_running_count | untyped | -");
            assertThat(read.outcome("engine/metrics")).isNotInstanceOf(Outcome.Findings.class);
        }
    }

    /// Two after 100 and a restart, then five more: seven, not minus 93 and not a hundred.
    @Test
    void aCounterThatBeginsAgainCountsFromZero() throws IOException {
        StringBuilder text = new StringBuilder();
        int[] values = {100, 102, 0, 5};
        for (int i = 0; i < values.length; i++) {
            text.append("# scraped_at ").append(1_700_000_000 + i).append("\n# TYPE vllm:num_preemptions counter\n");
            text.append("vllm:num_preemptions_total ").append(values[i]).append("\n# EOF\n");
        }
        try (Case read = Case.of(folder, "m.prom", text.toString())) {
            assertThat(read.answer("engine/metrics", "scrapes", "preemptions")).containsExactly("4 | 7.0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1,000123,CPU0,0,31,msec,task-clock,1,25%,306721,100,00,0,018,CPUs utilized\n",
                "1234,,instructions:u,306721,99,87,1,23,insn per cycle\n",
                "<not counted>,,cycles,0,0,00,,\n",
                "S0,2,12,,cpu/event=0x3c,umask=0/,306721,100,00,,\n",
                "{\"counter-value\" : \"0,310000\", \"unit\" : \"msec\", \"event\" : \"task-clock\", \"pcnt-running\" : 100,00}\n"
            })
    void decimalCommasAreRefusedInEveryArrangement(String line) {
        assertThatThrownBy(() -> Case.of(folder, "perf.csv", line))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("LC_ALL=C");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.31,msec,task-clock,306721,100.00,0.018,CPUs utilized\n",
                "0,31;msec;task-clock;306721;100,00;0,018;CPUs utilized\n",
                "0,31\tmsec\ttask-clock\t306721\t100,00\t0,018\tCPUs utilized\n"
            })
    void decimalsThatAreClearAreRead(String line) throws IOException {
        try (Case read = Case.of(folder, "perf.csv", line)) {
            assertThat(read.rows("SELECT value, unit, event, running_ns, running_ratio, metric_value FROM perf_stat"))
                    .containsExactly("0.31 | msec | task-clock | 306721 | 1.0 | 0.018");
        }
    }

    /// One table in which the tool's numbers begin again, and the details page.
    @Test
    void runsOfNsightComputeBeginWhereItsNumbersDo() throws IOException {
        String head =
                "\"ID\",\"Process ID\",\"Process Name\",\"Host Name\",\"Kernel Name\",\"Section Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n";
        String row = "\"%d\",\"%d\",\"p\",\"h\",\"%s\",\"S\",\"Duration\",\"ns\",\"%s\"\n";
        String text = head
                + String.format(row, 0, 5, "a", "1.5")
                + String.format(row, 1, 5, "b", "2.5")
                + String.format(row, 0, 5, "c", "3.5")
                + String.format(row, 0, 6, "d", "4.5");
        try (Case read = Case.of(folder, "ncu.csv", text)) {
            assertThat(read.answer("hw/counters", "run", "launch", "kernel", "duration"))
                    .containsExactly("0 | 0 | a | 1.5", "0 | 1 | b | 2.5", "1 | 0 | c | 3.5", "2 | 0 | d | 4.5");
            assertThat(read.outcome("hw/stalls")).isInstanceOfSatisfying(Outcome.NotApplicable.class, absent -> {
                assertThat(absent.because()).contains("details page");
                assertThat(absent.howToRecord()).contains("--page raw");
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "timestamp, gpu_uuid, pid, process_name, used_gpu_memory [MiB]\\n2026/01/01 00:00:00.000, GPU-1, 12, p, 9 MiB; compute-apps",
                "#Date Time gpu pid type sm\\n#YYYYMMDD HH:MM:SS Idx # C/G %\\n 20260101 00:00:00 0 1 C 5; pmon",
                "2026/01/01 00:00:00.000, 0, 45 %, 300.12 W; noheader",
                "2026/01/01 00:00:00.000, 0, 45, 300.12; noheader",
                "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\"},\"value\":[1,\"2\"]}]}}; wrapped in JSON",
                "{\"body\": \"# TYPE vllm:x gauge\\\\nvllm:x 1\"}; wrapped in JSON"
            })
    void whatIsNotOfTheGpuOrOfNoFormIsRefusedByName(String text, String named) {
        assertThatThrownBy(() -> Case.of(folder, "samples.txt", text.replace("\\n", "\n")))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining(named);
    }
}
