package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceTables;
import org.junit.jupiter.api.Test;

/// Lines of perf 6.1: `perf stat -x,` with `-I 50`, `-a -A` and `--per-socket`; `perf stat -x\; -r 3`;
/// `perf stat -j`; `perf script` with and without `-F comm,pid,tid,time,event,period,ip,sym,dso`. The
/// frames with C++ signatures and a deleted library are added by hand.
final class PerfReadersTest {
    private static final String[] COUNT = {
        "ts", "cpu", "event", "value", "unit", "running_ns", "running_ratio", "metric_value", "metric_unit", "reason"
    };

    @Test
    void readsSeparatedCounts() {
        Imported stat = Imported.of(
                new PerfStatReader(), "perf_stat.csv", Imported.resource("/golden/perf-stat-x/perf_stat.csv"));

        assertThat(stat.table(TraceTables.PERF_STAT, COUNT))
                .containsExactly(
                        "- | - | task-clock | 1.26 | msec | 1255063 | 1.0 | 0.011 | CPUs utilized | -",
                        "- | - | instructions | - | - | 0 | 1.0 | - | - | not supported",
                        "- | - | page-faults | 75.0 | - | 1255063 | 1.0 | 59.758 | K/sec | -",
                        "52672376 | - | task-clock | 0.88 | msec | 875512 | 1.0 | 0.018 | CPUs utilized | -",
                        "102936073 | - | page-faults | - | - | 0 | 1.0 | - | - | not counted",
                        "- | CPU1 | task-clock | 59.85 | msec | 59852444 | 1.0 | 1.001 | CPUs utilized | -",
                        "- | S0 | task-clock | 108.87 | msec | 108867731 | 1.0 | 2.001 | CPUs utilized | -");
        assertThat(stat.losses()).isEmpty();
        assertThat(stat.context().clock()).isEqualTo(SourceClock.unaligned());
    }

    @Test
    void readsRepeatedCountsWithAnotherSeparator() {
        Imported stat = Imported.of(
                new PerfStatReader(),
                "perf_stat_repeat.csv",
                Imported.resource("/golden/perf-stat-x-repeat/perf_stat_repeat.csv"));

        assertThat(stat.table(TraceTables.PERF_STAT, COUNT))
                .containsExactly(
                        "- | - | task-clock | 0.48 | msec | 479379 | 1.0 | 0.124 | CPUs utilized | -",
                        "- | - | page-faults | 48.0 | - | 479379 | 1.0 | 87.355 | K/sec | -");
    }

    @Test
    void readsJsonCounts() {
        Imported stat = Imported.of(
                new PerfStatReader(), "perf_stat.json", Imported.resource("/golden/perf-stat-j/perf_stat.json"));

        assertThat(stat.table(TraceTables.PERF_STAT, COUNT))
                .containsExactly(
                        "50104148 | - | task-clock | 0.831139 | msec | 831139 | 1.0 | 0.016623 | CPUs utilized | -",
                        "50104148 | - | page-faults | 75.0 | - | 831139 | 1.0 | 90.237614 | K/sec | -",
                        "50104148 | - | instructions | - | - | 0 | 1.0 | - | - | not supported",
                        "- | 1 | cpu-clock | 61.031866 | msec | 61032747 | 1.0 | 1.000043 | CPUs utilized | -");
    }

    @Test
    void readsEventsThatHoldTheSeparatorAndMetricsOfTheirOwn() {
        Imported stat = Imported.of(
                new PerfStatReader(),
                "12,,cpu/event=0x3c,umask=0/,100,50.00,1.5,GHz\n,,,,,0.06,stalled cycles per insn\n"
                                .replace(",,,,,0.06", ",,,,,,0.06")
                        + "noise of the program\n{\"counter-value\" : \"1\", \"ev\n12,,cyc");

        assertThat(stat.table(TraceTables.PERF_STAT, "event", "value", "running_ratio", "metric_value", "metric_unit"))
                .containsExactly(
                        "cpu/event=0x3c,umask=0/ | 12.0 | 0.5 | 1.5 | GHz",
                        "cpu/event=0x3c,umask=0/ | - | - | 0.06 | stalled cycles per insn");
        assertThat(stat.losses())
                .containsExactly("notice foreign_line 1", "data_loss damaged_line 1", "data_loss truncated 1");
    }

    @Test
    void readsFurtherMetricsOfAnEvent() {
        Imported text = Imported.of(new PerfStatReader(), """
                     1.000123456,CPU0,5000,,cycles,1234560000,100.00,2.1,insn per cycle
                     1.000123456,CPU0,,,,,,0.30,stalled cycles per insn
                     1.000123456,CPU1,,,,1234,50.00,12.0,%  tma_bad
                """);
        Imported tabs = Imported.of(
                new PerfStatReader(),
                "5000\t\tcycles\t1\t100.00\t2.1\tGHz\n\t\t\t\t\t0.30\tstalled\n\t\t\t1\t9.00\tnan\tbad\n");
        Imported json = Imported.of(new PerfStatReader(), """
                {"interval" : 1.5, "cpu" : "3", "counter-value" : "7", "unit" : "", "event" : "slots", "event-runtime" : 9, "pcnt-running" : 80.00, "metric-value" : 2.1, "metric-unit" : "insn per cycle"}
                {"metric-value" : "12.000000", "metric-unit" : "%  tma_x"}
                """);

        assertThat(text.table(TraceTables.PERF_STAT, COUNT))
                .containsExactly(
                        "1000123456 | CPU0 | cycles | 5000.0 | - | 1234560000 | 1.0 | 2.1 | insn per cycle | -",
                        "1000123456 | CPU0 | cycles | - | - | - | - | 0.3 | stalled cycles per insn | -",
                        "1000123456 | CPU1 | cycles | - | - | 1234 | 0.5 | 12.0 | %  tma_bad | -");
        assertThat(text.losses()).isEmpty();
        assertThat(tabs.table(TraceTables.PERF_STAT, "event", "value", "metric_value", "metric_unit"))
                .containsExactly("cycles | 5000.0 | 2.1 | GHz", "cycles | - | 0.3 | stalled", "cycles | - | - | bad");
        assertThat(tabs.losses()).containsExactly("notice non_finite_value 1");
        assertThat(json.table(TraceTables.PERF_STAT, COUNT))
                .containsExactly(
                        "1500000000 | 3 | slots | 7.0 | - | 9 | 0.8 | 2.1 | insn per cycle | -",
                        "1500000000 | 3 | slots | - | - | - | - | 12.0 | %  tma_x | -");
        assertThat(json.losses()).isEmpty();
    }

    @Test
    void doesNotTakeAMetricBeforeAnyEvent() {
        Imported stat = Imported.of(
                new PerfStatReader(), ",,,,,0.30,stalled\n{\"metric-value\" : \"1\", \"metric-unit\" : \"x\"}\n");

        assertThat(stat.rows(TraceTables.PERF_STAT)).isEmpty();
        assertThat(stat.losses()).containsExactly("data_loss damaged_line 2");
    }

    @Test
    void saysThatTheVarianceOfRepeatedRunsIsLeftOut() {
        Imported text = Imported.of(
                new PerfStatReader(),
                "1001.20,msec,task-clock,0.55%,1001200000,100.00,1.001,CPUs utilized\n5000,,cycles,1.10%,1001200000,50.00,,\n");
        Imported json = Imported.of(
                new PerfStatReader(),
                "{\"counter-value\" : \"7\", \"event\" : \"slots\", \"variance\" : 0.55, \"event-runtime\" : 9}\n");

        assertThat(text.rows(TraceTables.PERF_STAT)).hasSize(2);
        assertThat(text.losses()).containsExactly("info variance_left_out 2");
        assertThat(json.losses()).containsExactly("info variance_left_out 1");
    }

    @Test
    void readsSamplesWithStacks() {
        Imported script = Imported.of(
                new PerfScriptReader(), "perf_script.txt", Imported.resource("/golden/perf-script/perf_script.txt"));

        assertThat(script.table(
                        TraceTables.CPU_SAMPLE, "ts", "pid", "tid", "thread", "cpu", "event", "period", "leaf", "dso"))
                .containsExactly(
                        "1072687661000 | 14937 | 14937 | python3 | - | cpu-clock | 1001001 | free_pgd_range | [kernel.kallsyms]",
                        "1072688717000 | 14937 | 14937 | bash | - | cpu-clock | 1001001 | _nl_make_l10nflist.localalias | /usr/lib/x86_64-linux-gnu/libc.so.6",
                        "2325600930000 | - | 30478 | javac | 0 | cpu-clock | 5025125 | [unknown] | /tmp/perf-30475.map",
                        "2325600931123 | 77 | 78 | Web Content | - | cycles:u | 1 | operator new(unsigned long) | /usr/lib/libc.so (deleted)");
        assertThat(script.table(TraceTables.CPU_SAMPLE, "stack"))
                .startsWith(
                        "__GI___execve;entry_SYSCALL_64_after_hwframe;do_syscall_64;__x64_sys_execve;do_execveat_common.isra.0;bprm_execve;load_elf_binary;begin_new_exec;__mmput;exit_mmap;free_pgtables;free_pgd_range")
                .contains("Interpreter::dispatch(int, char const*);[unknown]");
        assertThat(script.losses()).isEmpty();
    }

    @Test
    void cutsNamesAndStacksOfNoEnd() {
        String symbol = "s".repeat(70_000);
        String frames = ("\tff " + symbol + "+0x1f (d)\n").repeat(40);
        Imported script = Imported.of(
                new PerfScriptReader(),
                "a b [1] 7/8 [002] 1.000001: 9 cycles:u: \n" + frames + "\nc 9" + "9".repeat(2_000)
                        + " 1.000001: x:\n");

        assertThat(script.table(TraceTables.CPU_SAMPLE, "thread", "pid", "tid", "cpu", "event", "period", "dso"))
                .containsExactly("a b [1] | 7 | 8 | 2 | cycles:u | 9 | d", "c | - | - | - | x | 1 | -");
        assertThat(script.rows(TraceTables.CPU_SAMPLE).getFirst().get("leaf").toString())
                .hasSize(65_536);
        assertThat(script.rows(TraceTables.CPU_SAMPLE).getFirst().get("stack").toString())
                .hasSizeLessThan(1_200_000);
        assertThat(script.losses())
                .contains("data_loss overlong_name 17", "data_loss stack_cut 23", "data_loss bad_number 1");
    }

    @Test
    void readsFramesWithParenthesesAndWithout() {
        Imported script = Imported.of(new PerfScriptReader(), """
                a 1  1.000001: cycles:
                \tff f(int (*)(char))+0x1f (/a (deleted))
                \tff operator()
                \tff f (a (b) (c))
                \tff a;b  (d)
                \tff [unknown] ([kernel])
                """.replace("\\t", "\t"));

        assertThat(script.table(TraceTables.CPU_SAMPLE, "stack", "dso"))
                .containsExactly("[unknown];a:b;f (a (b) (c));operator();f(int (*)(char)) | /a (deleted)");
    }

    @Test
    void countsSamplesThatAreCut() {
        Imported script =
                Imported.of(new PerfScriptReader(), "a 1/2  1.000001: 5 cycles: \n\t ff f (d)\n\nb 1/2  1.0000");

        assertThat(script.table(TraceTables.CPU_SAMPLE, "thread", "stack")).containsExactly("a | f");
        assertThat(script.losses()).containsExactly("data_loss truncated 1");
    }
}
