package dev.hourglass.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowSpoolTest {
    @TempDir
    Path directory;

    @Test
    void keepsWholePortionsWhereverTheFileIsCut() throws IOException {
        Path whole = directory.resolve("whole.rows");
        List<Long> ends = new ArrayList<>();
        try (RowSpool spool = RowSpool.create(whole)) {
            for (long token = 0; token < 3; token++) {
                write(spool, token);
                ends.add(Files.size(whole));
            }
        }
        byte[] bytes = Files.readAllBytes(whole);
        for (int cut = 0; cut <= bytes.length; cut++) {
            Path file = directory.resolve("cut.rows");
            Files.write(file, Arrays.copyOf(bytes, cut));
            int length = cut;
            long complete = ends.stream().filter(end -> end <= length).count();
            assertThat(tokens(file)).hasSize((int) complete).isSorted();
        }
    }

    @Test
    void thereNeedNotBeOne() throws IOException {
        assertThat(tokens(directory.resolve("none.rows"))).isEmpty();
    }

    private static void write(RowSpool spool, long token) throws IOException {
        try (RowWriter rows = new RowWriter(Tables.TOKEN, spool)) {
            rows.set("token", token).set("ts", 10 * token).set("dur", 7).end();
        }
        spool.append();
    }

    private static List<Long> tokens(Path file) throws IOException {
        List<Long> found = new ArrayList<>();
        RowSpool.read(
                file,
                batch -> Arrays.stream(batch.longs(batch.table().indexOf("token")), 0, batch.size())
                        .forEach(found::add));
        return found;
    }
}
