package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private String digest(byte[] content) throws Exception {
        return Digest.of(Files.write(directory.resolve("file"), content));
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    /// CRC-32C by its definition, a bit at a time.
    private static int crc32c(byte[] content, int from, int to) {
        int crc = -1;
        for (int i = from; i < to; i++) {
            crc ^= content[i] & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        return ~crc;
    }

    @Test
    void ofASmallFileIsItsSha256() throws Exception {
        assertThat(digest(random(1000))).isEqualTo("sha256:" + sha256(random(1000)));
        assertThat(digest(random(MIB))).isEqualTo("sha256:" + sha256(random(MIB)));
        assertThat(Digest.of(directory)).isEmpty();
    }

    @Test
    void ofALargerOneIsThatOfItsCheckSums() throws Exception {
        byte[] content = random(MIB + 100_000);
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(sums);
        out.writeLong(content.length);
        for (int at = 0; at < content.length; at += 65536) {
            out.writeInt(crc32c(content, at, Math.min(at + 65536, content.length)));
        }
        assertThat(digest(content)).isEqualTo("sha256-crc32c:" + sha256(sums.toByteArray()));
    }

    @Test
    void everyByteCounts() throws Exception {
        byte[] content = random(2 * MIB);
        String whole = digest(content);
        for (int at : new int[] {0, 70_000, MIB, content.length - 1}) {
            content[at] ^= 1;
            assertThat(digest(content)).isNotEqualTo(whole);
            content[at] ^= 1;
        }
        assertThat(digest(Arrays.copyOf(content, content.length - 1))).isNotEqualTo(whole);
        assertThat(digest(content)).isEqualTo(whole);
    }

    @Test
    void everyByteOfAVeryLargeOneCounts() throws Exception {
        byte[] content = new byte[65 * MIB];
        String zeros = digest(content);
        String samples = Digest.sampled(directory.resolve("file"));
        assertThat(zeros).startsWith("sha256-crc32c:");
        assertThat(samples).startsWith("sha256-crc32c-sampled:");
        content[3 * MIB + 70_000] = 1;
        assertThat(digest(content)).isNotEqualTo(zeros);
        assertThat(Digest.sampled(directory.resolve("file"))).isEqualTo(samples);
        content[3 * MIB + 5] = 1;
        digest(content);
        assertThat(Digest.sampled(directory.resolve("file"))).isNotEqualTo(samples);
        digest(random(1000));
        assertThat(Digest.sampled(directory.resolve("file"))).isEmpty();
    }
}
