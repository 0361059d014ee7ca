package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HwReadersTest {
    /// First rows of a recording at 10 Hz beside a run on an H100.
    @Test
    void readsNvmlAndGpmSamples() {
        Imported csv = Imported.of(new NvmlCsvReader(), "nvml_gpm.csv", Imported.resource("/golden/nvml/nvml_gpm.csv"));

        assertThat(csv.rows(TraceTables.HW_SAMPLE)).hasSize(8 * 19);
        assertThat(csv.table(TraceTables.HW_SAMPLE, "ts", "dur", "device", "metric", "value", "unit"))
                .contains(
                        "1795303224015738200 | - | gpu:0 | sm_active | " + 69.54512083005524 * 1e-2 + " | ratio",
                        "1795303224120511500 | 104773300 | gpu:0 | sm_active | " + 0.0059104416835910585 * 1e-2
                                + " | ratio",
                        "1795303224120511500 | 104773300 | gpu:0 | pcie_tx | " + 2.473844647149372 * (1 << 20)
                                + " | B/s",
                        "1795303224120511500 | - | gpu:0 | power | 138.762 | W",
                        "1795303224120511500 | - | gpu:0 | sm_clock | 1980.0 | MHz",
                        "1795303224120511500 | - | gpu:0 | gpu_util | 0.36 | ratio",
                        "1795303224120511500 | - | gpu:0 | mem_used | 6.2344986624E10 | B");
        assertThat(csv.losses()).containsExactly("info unknown_column 1", "info first_average_open 1");
        assertThat(csv.context().clock().base()).isEqualTo(SourceClock.Base.UNIX);
    }

    @Test
    void countsWhatCannotBeRight() {
        Imported csv = Imported.of(
                new NvmlCsvReader(), "unix_s,sm_util,power_mw\n1.5,950,100\n1.0,x,\n2.0,10\nzzz,1,2\n2.5,1,2");

        assertThat(csv.table(TraceTables.HW_SAMPLE, "ts", "dur", "metric", "value"))
                .containsExactly(
                        "1500000000 | - | sm_active | 9.5",
                        "1500000000 | - | power | 0.1",
                        "2500000000 | 1500000000 | sm_active | 0.01",
                        "2500000000 | 1500000000 | power | 0.002".replace("1500000000 | power", "- | power"));
        assertThat(csv.losses())
                .containsExactly(
                        "info first_average_open 1",
                        "notice ratio_out_of_range 1",
                        "notice time_goes_back 1",
                        "data_loss bad_number 1",
                        "info no_number 1",
                        "data_loss damaged_line 2",
                        "notice last_line_unended 1");
        assertThatThrownBy(() -> Imported.of(new NvmlCsvReader(), "")).isInstanceOf(TraceFormatException.class);
    }

    /// Layout as the tool's manual describes it.
    @Test
    void readsNvidiaSmiQueries() {
        Imported csv = Imported.of(new NvidiaSmiReader(), """
                timestamp, index, name, pstate, power.draw [W], utilization.gpu [%], memory.used [MiB], temperature.gpu, clocks.current.sm [MHz], fan.speed [%], clocks_event_reasons.active, clocks_event_reasons.sw_power_cap
                2026/11/21 23:20:58.123, 0, NVIDIA H100 80GB HBM3, P0, 138.76 W, 36 %, 59456 MiB, 41, 1980 MHz, [N/A], 0x0000000000000004, Active
                2026/11/21 23:20:58.323, 1, NVIDIA H100 80GB HBM3, P0, 70.10 W, 0 %, 0 MiB, 38, 345 MHz, [N/A], 0x0000000000000001, Not Active
                2026/11/21 23:20
                """);

        assertThat(csv.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit")
                        .subList(0, 8))
                .containsExactly(
                        "1795303258123000000 | gpu:0 | pstate | 0.0 | none",
                        "1795303258123000000 | gpu:0 | power | 138.76 | W",
                        "1795303258123000000 | gpu:0 | gpu_util | 0.36 | ratio",
                        "1795303258123000000 | gpu:0 | mem_used | 6.2344134656E10 | B",
                        "1795303258123000000 | gpu:0 | temperature | 41.0 | °C",
                        "1795303258123000000 | gpu:0 | sm_clock | 1980.0 | MHz",
                        "1795303258123000000 | gpu:0 | throttle | 4.0 | none",
                        "1795303258123000000 | gpu:0 | clocks_event_reasons.sw_power_cap | 1.0 | none");
        assertThat(csv.losses())
                .containsExactly("info text_field 2", "info not_supported 2", "data_loss damaged_line 1");
        assertThat(csv.context().clock().method()).isEqualTo(SourceClock.Method.UNALIGNED);
    }

    @Test
    void readsNvidiaSmiQueriesWithoutUnits() {
        Imported csv = Imported.of(new NvidiaSmiReader(), "power.draw [W], utilization.gpu [%]\n138.76, 36\n");

        assertThat(csv.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit"))
                .containsExactly("- | gpu | power | 138.76 | W", "- | gpu | gpu_util | 0.36 | ratio");
    }

    @Test
    void readsFieldsWhoseNamesHaveCapitals() {
        String text = """
                timestamp, index, encoder.stats.sessionCount, encoder.stats.averageFps, encoder.stats.averageLatency
                2026/11/21 23:20:24.123, 0, 2, 30, 1500
                timestamp, index, encoder.stats.sessionCount, encoder.stats.averageFps, encoder.stats.averageLatency
                2026/11/21 23:20:25.123, 0, 3, 31, 1600
                """;
        assertThat(new NvidiaSmiReader().match(Imported.head("smi.csv", text.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(TraceReader.Match.YES);
        Imported csv = Imported.of(new NvidiaSmiReader(), text);
        assertThat(csv.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value"))
                .containsExactly(
                        "1795303224123000000 | gpu:0 | encoder.stats.sessionCount | 2.0",
                        "1795303224123000000 | gpu:0 | encoder.stats.averageFps | 30.0",
                        "1795303224123000000 | gpu:0 | encoder.stats.averageLatency | 1500.0",
                        "1795303225123000000 | gpu:0 | encoder.stats.sessionCount | 3.0",
                        "1795303225123000000 | gpu:0 | encoder.stats.averageFps | 31.0",
                        "1795303225123000000 | gpu:0 | encoder.stats.averageLatency | 1600.0");
        assertThat(csv.losses()).isEmpty();
    }

    /// Cells of words look like a header's.
    @Test
    void takesNoRowForAHeader() {
        Imported csv = Imported.of(new NvidiaSmiReader(), "pstate, mig.mode.current\nP8, Disabled\n");

        assertThat(csv.table(TraceTables.HW_SAMPLE, "metric", "value")).containsExactly("pstate | 8.0");
        assertThat(csv.losses()).containsExactly("info text_field 1");
    }

    /// Layout as the tool's manual describes it.
    @Test
    void readsNvidiaSmiDmon() {
        Imported dmon = Imported.of(new NvidiaSmiDmonReader(), """
                #Date       Time        gpu    pwr  gtemp  mtemp     sm    mem   mclk   pclk  rxpci
                #YYYYMMDD   HH:MM:SS    Idx      W      C      C      %      %    MHz    MHz   MB/s
                 20261121   23:20:58      0    138     41      -     36      2   2619   1980     12
                #Date       Time        gpu    pwr  gtemp  mtemp     sm    mem   mclk   pclk  rxpci
                #YYYYMMDD   HH:MM:SS    Idx      W      C      C      %      %    MHz    MHz   MB/s
                 20261121   23:20:59      0    139     41      -    100     50   2619   1980      x
                 20261121
                """);

        assertThat(dmon.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit")
                        .subList(0, 8))
                .containsExactly(
                        "1795303258000000000 | gpu:0 | power | 138.0 | W",
                        "1795303258000000000 | gpu:0 | temperature | 41.0 | °C",
                        "1795303258000000000 | gpu:0 | gpu_util | 0.36 | ratio",
                        "1795303258000000000 | gpu:0 | mem_util | 0.02 | ratio",
                        "1795303258000000000 | gpu:0 | mem_clock | 2619.0 | MHz",
                        "1795303258000000000 | gpu:0 | sm_clock | 1980.0 | MHz",
                        "1795303258000000000 | gpu:0 | pcie_rx | 1.2E7 | B/s",
                        "1795303259000000000 | gpu:0 | power | 139.0 | W");
        assertThat(dmon.losses())
                .containsExactly("info not_supported 2", "data_loss bad_number 1", "data_loss damaged_line 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    10 W, 60000 MiB~20 W, 6000                       | mem_used  | 1 | truncated
                    10 W, 60000 MiB~20 W, 60001 Mi                   | mem_used  | 1 | truncated
                    10 W, 60000 MiB~20 W,                            | mem_used  | 1 | truncated
                    10 W, 60000 MiB~20 W, 5 MiB~30 W, 60001          | mem_used  | 3 | last_line_unended
                    10 W, 60000 MiB~20 W, 60001 MiB                  | mem_used  | 2 | last_line_unended
                    10 W, 6                                          | mem_used  | 1 | last_line_unended
                    """)
    void leavesOutAQueriedValueThatIsCut(String rows, String metric, int values, String kind) {
        Imported csv = Imported.of(
                new NvidiaSmiReader(),
                "power.draw [W], memory.used [MiB]\n" + (rows + (rows.endsWith(",") ? " " : "")).replace('~', '\n'));

        assertThat(csv.table(TraceTables.HW_SAMPLE, "metric").stream().filter(metric::equals))
                .hasSize(values);
        assertThat(csv.table(TraceTables.HW_SAMPLE, "metric", "value"))
                .contains("power | " + (rows.contains("30") ? "30.0" : rows.contains("20") ? "20.0" : "10.0"));
        assertThat(csv.losses())
                .containsExactly((kind.equals("truncated") ? "data_loss truncated 1" : "notice last_line_unended 1"));
    }

    @Test
    void leavesOutASampledValueThatIsCut() {
        String dmon = "#Date Time gpu pwr pclk\n#YYYYMMDD HH:MM:SS Idx W MHz\n"
                + "20261121 23:59:58 0 350 1980\n20261121 23:59:59 0 351 1";
        Imported cut = Imported.of(new NvidiaSmiDmonReader(), dmon);
        Imported whole = Imported.of(new NvidiaSmiDmonReader(), dmon + "980");

        assertThat(cut.table(TraceTables.HW_SAMPLE, "metric", "value"))
                .containsExactly("power | 350.0", "sm_clock | 1980.0", "power | 351.0");
        assertThat(cut.losses()).containsExactly("data_loss truncated 1");
        assertThat(whole.table(TraceTables.HW_SAMPLE, "metric", "value")).endsWith("sm_clock | 1980.0");
        assertThat(whole.losses()).containsExactly("notice last_line_unended 1");
    }

    @Test
    void leavesOutARecordedValueThatIsCut() {
        String csv = "unix_s,power_mw,mem_used\n1.5,100,62342889472\n2.5,200,62344986624\n3.5,300,6234498662";
        Imported cut = Imported.of(new NvmlCsvReader(), csv);
        Imported whole = Imported.of(new NvmlCsvReader(), csv + "4");

        assertThat(cut.table(TraceTables.HW_SAMPLE, "metric", "value").subList(4, 5))
                .containsExactly("power | 0.3");
        assertThat(cut.rows(TraceTables.HW_SAMPLE)).hasSize(5);
        assertThat(cut.losses()).contains("data_loss truncated 1").doesNotContain("notice last_line_unended 1");
        assertThat(whole.rows(TraceTables.HW_SAMPLE)).hasSize(6);
        assertThat(whole.losses()).contains("notice last_line_unended 1").doesNotContain("data_loss truncated 1");
    }

    @Test
    void saysThatDmonWithoutDateHasNoTime() {
        Imported dmon = Imported.of(
                new NvidiaSmiDmonReader(), "# gpu    pwr     sm\n# Idx      W      %\n    0    138     36\n");

        assertThat(dmon.table(TraceTables.HW_SAMPLE, "ts", "metric", "value"))
                .containsExactly("- | power | 138.0", "- | gpu_util | 0.36");
        assertThat(dmon.losses()).containsExactly("notice no_time 1");
    }

    /// As printed on a machine with two H100, driver 580: `--query-gpu=… --format=csv -lms 200`,
    /// `dmon -s pucvmet -o DT`, `dmon -s pu --format csv`, `dmon --gpm-metrics=2,3,5,10 -o T`.
    @Test
    void readsWhatTheToolPrints() {
        Imported query = Imported.of(
                new NvidiaSmiReader(), "nvidia_smi.csv", Imported.resource("/golden/nvidia-smi-query/nvidia_smi.csv"));
        Imported dmon = Imported.of(
                new NvidiaSmiDmonReader(),
                "dmon.txt",
                Imported.resource("/golden/nvidia-smi-dmon/nvidia_smi_dmon.txt"));
        Imported csv = Imported.of(
                new NvidiaSmiDmonReader(),
                "dmon.csv",
                Imported.resource("/golden/nvidia-smi-dmon-csv/nvidia_smi_dmon.csv"));
        Imported gpm = Imported.of(
                new NvidiaSmiDmonReader(),
                "gpm.txt",
                Imported.resource("/golden/nvidia-smi-dmon-gpm/nvidia_smi_dmon_gpm.txt"));

        assertThat(query.rows(TraceTables.HW_SAMPLE)).hasSize(2 * 11);
        assertThat(query.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit"))
                .contains(
                        "1795601636881000000 | gpu:1 | power | 102.75 | W",
                        "1795601636881000000 | gpu:1 | throttle | 1.0 | none");
        assertThat(dmon.rows(TraceTables.HW_SAMPLE)).hasSize(4 * 21);
        assertThat(dmon.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit"))
                .contains(
                        "1795601641000000000 | gpu:0 | pcie_tx | 2000000.0 | B/s",
                        "1795601641000000000 | gpu:1 | mem_clock | 2619.0 | MHz");
        assertThat(csv.rows(TraceTables.HW_SAMPLE)).hasSize(6 * 9);
        assertThat(gpm.rows(TraceTables.HW_SAMPLE)).hasSize(8 * 15 - 4 * 4);
        assertThat(gpm.table(TraceTables.HW_SAMPLE, "ts", "device", "metric", "value", "unit"))
                .contains("- | gpu:1 | tensor_active | 0.0 | ratio");
        assertThat(gpm.losses()).containsExactly("info not_supported 16", "notice no_time 1");
    }
}
