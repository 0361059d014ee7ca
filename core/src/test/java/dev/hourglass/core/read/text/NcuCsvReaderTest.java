package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Excerpts of `ncu --set full --csv --page details` and `--page raw` on an H100, driver 580.
final class NcuCsvReaderTest {
    private static final String HEADER =
            "\"ID\",\"Process ID\",\"Process Name\",\"Host Name\",\"Kernel Name\",\"Context\",\"Stream\",\"Section Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n";

    @Test
    void readsTheRawPage() {
        Imported raw = Imported.of(new NcuCsvReader(), "ncu_raw.csv", Imported.resource("/golden/ncu-raw/ncu_raw.csv"));
        List<String> first = raw.table(
                TraceTables.NCU_METRIC,
                "launch",
                "kernel",
                "grid",
                "block",
                "device",
                "compute_capability",
                "metric",
                "unit",
                "value",
                "text_value");

        assertThat(first.subList(0, 4))
                .containsExactly(
                        "2 | nvjet_sm90_tst_192x8_64x8_4x1_v_bz_NNT | (4, 19, 1) | (384, 1, 1) | 0 | 9.0 | derived_tempMetric4 | - | - | nan",
                        "2 | nvjet_sm90_tst_192x8_64x8_4x1_v_bz_NNT | (4, 19, 1) | (384, 1, 1) | 0 | 9.0 | device__attribute_display_name | - | - | NVIDIA H100 80GB HBM3",
                        "2 | nvjet_sm90_tst_192x8_64x8_4x1_v_bz_NNT | (4, 19, 1) | (384, 1, 1) | 0 | 9.0 | dram__bytes.sum.per_second | byte/s | 2.57626319396847E12 | -",
                        "2 | nvjet_sm90_tst_192x8_64x8_4x1_v_bz_NNT | (4, 19, 1) | (384, 1, 1) | 0 | 9.0 | dram__bytes_read.sum | byte | 1.17472512E8 | -");
        assertThat(raw.rows(TraceTables.NCU_METRIC)).hasSize(40);
        assertThat(raw.losses()).contains("notice tool_warning 2", "info no_number 4");
    }

    @Test
    void readsTheDetailsPage() {
        Imported details = Imported.of(
                new NcuCsvReader(), "ncu_details.csv", Imported.resource("/golden/ncu-details/ncu_details.csv"));

        assertThat(details.table(TraceTables.NCU_METRIC, "launch", "section", "metric", "unit", "value"))
                .contains(
                        "2 | GPU Speed Of Light Throughput | DRAM Frequency | hz | 2.61718213058E9",
                        "2 | GPU Speed Of Light Throughput | Memory Throughput | % | 77.07",
                        "2 | Memory Workload Analysis | Memory Throughput | byte/s | 2.58178969072165E12");
        assertThat(details.table(
                        TraceTables.NCU_RULE, "launch", "section", "rule", "type", "speedup_type", "speedup_ratio"))
                .contains("2 | MemoryWorkloadAnalysis_Chart | MemoryL2Compression | OPT | global | 0.7529");
    }

    @Test
    void turnsScaledUnitsAndDecimalCommasIntoBaseUnits() {
        String german = HEADER
                + line("Duration", "us", "27,59")
                + line("DRAM Read", "Mbyte", "1.234,5")
                + line("Frequency", "cycle/nsecond", "1,98")
                + line("Throughput", "Gbyte/second", "2.576");
        Imported table = Imported.of(new NcuCsvReader(), german);

        assertThat(table.table(TraceTables.NCU_METRIC, "metric", "unit", "value"))
                .containsExactly(
                        "Duration | ns | 27590.0",
                        "DRAM Read | byte | 1.2345E9",
                        "Frequency | hz | 1.98E9",
                        "Throughput | byte/s | 2.576E12");
        assertThat(table.losses()).isEmpty();
    }

    @Test
    void saysWhenTheDecimalSignIsUnclear() {
        Imported table = Imported.of(
                new NcuCsvReader(), HEADER + line("Bytes", "byte", "1,234") + line("Odd unit", "parsec", "7"));

        assertThat(table.table(TraceTables.NCU_METRIC, "metric", "unit", "value"))
                .containsExactly("Bytes | byte | 1234.0", "Odd unit | parsec | 7.0");
        assertThat(table.losses()).containsExactly("notice decimal_sign_unclear 1");
    }

    @Test
    void losesOneLineToADamagedQuoteNotTheRest() {
        Imported table = Imported.of(
                new NcuCsvReader(),
                "==PROF== Connected\nhello \"from\" the program\n" + HEADER + line("A", "%", "1.5")
                        + "\"0\",\"1\",\"x\n" + line("B", "%", "2.5") + "==ERROR== out of memory\n");

        assertThat(table.table(TraceTables.NCU_METRIC, "metric", "value")).containsExactly("A | 1.5", "B | 2.5");
        assertThat(table.losses())
                .containsExactly("notice foreign_line 1", "data_loss damaged_line 1", "error tool_error 1");
    }

    @Test
    void refusesMessagesWithoutATable() {
        assertThatThrownBy(() -> Imported.of(new NcuCsvReader(), "==PROF== Connected\n==ERROR== no permission\n"))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("input")
                .hasMessageContaining("\"ID\"");
    }

    @Test
    void readsTheSameNumbersInEitherLocale() {
        String english = new String(Imported.resource("/golden/ncu-raw/ncu_raw.csv"), StandardCharsets.UTF_8);
        StringBuilder german = new StringBuilder();
        english.lines()
                .forEach(line -> german.append(line.startsWith("\"ID\"") ? line : swapped(line))
                        .append('\n'));
        Imported one = Imported.of(new NcuCsvReader(), english);
        Imported other = Imported.of(new NcuCsvReader(), german.toString());

        assertThat(other.table(TraceTables.NCU_METRIC, "metric", "value"))
                .isEqualTo(one.table(TraceTables.NCU_METRIC, "metric", "value"));
    }

    /// The line with point and comma exchanged inside cells that are numbers.
    private static String swapped(String line) {
        return Pattern.compile("\"([0-9.,]*[0-9])\"")
                .matcher(line)
                .replaceAll(cell -> "\""
                        + cell.group(1).replace(',', '\0').replace('.', ',').replace('\0', '.') + "\"");
    }

    private static String line(String metric, String unit, String value) {
        return String.format(
                Locale.ROOT,
                "\"0\",\"1\",\"p\",\"h\",\"k\",\"1\",\"7\",\"S\",\"%s\",\"%s\",\"%s\"%n",
                metric,
                unit,
                value);
    }
}
