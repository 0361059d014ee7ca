package dev.hourglass.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BenchJsonTest {
    @Test
    void timesAreInMicrosecondsAndSayIt() {
        Map<String, @Nullable Object> row = kernel("M=1 N=4096", 9_075.5, 9_000.0, 9_100.0);

        assertThat(row).containsEntry("median_us", 9.0755).containsEntry("ci95_us", List.of(9.0, 9.1));
        assertThat(row).doesNotContainKeys("median", "ci95_low", "ci95_high", "ci95_low_us");
        assertThat(row).containsEntry("axes", Map.of("M", 1L, "N", 4096L));
    }

    @Test
    void whatWasNotMeasuredIsNull() {
        Map<String, @Nullable Object> row = kernel("", null, null, 9_100.0);

        assertThat(row)
                .containsEntry("median_us", null)
                .containsEntry("ci95_us", null)
                .containsEntry("axes", Map.of());
    }

    private static Map<String, @Nullable Object> kernel(
            String axes, @Nullable Double median, @Nullable Double low, @Nullable Double high) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("axes", axes);
        values.put("median", median);
        values.put("ci95_low", low);
        values.put("ci95_high", high);
        return BenchJson.kernel(new Measured.Row(values));
    }
}
