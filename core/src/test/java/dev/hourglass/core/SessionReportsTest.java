package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.StoredSessions;
import dev.hourglass.core.store.SessionLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionReportsTest {
    @TempDir
    private Path directory;

    @Test
    void eachKindOfSessionGetsItsOwnReport() throws Exception {
        SessionLayout decode = StoredSessions.unpack("v1/decode", directory.resolve("decode"));
        SessionLayout trace = StoredSessions.unpack("v1/trace", directory.resolve("trace"));

        SessionReports.write(Explained.of(decode.directory()), decode);
        SessionReports.write(Explained.of(trace.directory()), trace);

        assertThat(decode.reportMarkdown()).content().startsWith("# Decode of qwen3-30b-a3b");
        assertThat(decode.reportHtml()).isNotEmptyFile();
        assertThat(decode.summary()).isNotEmptyFile();
        assertThat(trace.reportMarkdown()).content().startsWith("# ").doesNotContain("# Decode of");
        assertThat(trace.reportHtml()).isNotEmptyFile();
        assertThat(Files.exists(trace.summary())).isFalse();
    }
}
