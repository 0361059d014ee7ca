package dev.hourglass.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Texts of an input may be of any length; what waits in memory may not.
final class LongTextsTest {
    @Test
    void rowsWithLongTextsAreHandedOverEarlier() {
        List<Integer> sizes = new ArrayList<>();
        try (RowWriter rows = new RowWriter(Tables.METADATA, batch -> sizes.add(batch.size()))) {
            for (int i = 0; i < 20; i++) {
                rows.set("name", "n").set("value", i + "x".repeat(1 << 20)).end();
            }
            for (int i = 0; i < 2048; i++) {
                rows.set("name", "n").set("value", "short").end();
            }
        }
        assertThat(sizes).startsWith(4, 4, 4, 4, 4).last().isEqualTo(2048);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2068);
    }

    @Test
    void aPlaceIsCut() {
        ImportStats stats = new ImportStats();
        stats.count("kind", Severity.INFO, "x".repeat(1 << 20));
        assertThat(stats.losses().getFirst().place()).hasSizeLessThan(10_000).endsWith("…");
    }
}
