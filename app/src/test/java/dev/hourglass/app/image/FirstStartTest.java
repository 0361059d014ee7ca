package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class FirstStartTest {
    @TempDir
    private Path home;

    @Test
    void unpacksIntoPlaceAndRemovesThePack() throws IOException {
        Path packed = pack("engine/libx.so", "machine code");
        FirstStart.unpack(packed, home);
        assertThat(home.resolve("engine/libx.so")).hasContent("machine code");
        assertThat(packed).doesNotExist();
        assertThat(home.resolve("engine"))
                .isDirectoryNotContaining(file -> file.toString().endsWith(".part"));
    }

    @Test
    void aCutPackIsToldAndStays() throws IOException {
        Path packed = pack("engine/libx.so", "machine code".repeat(1000));
        byte[] whole = Files.readAllBytes(packed);
        Files.write(packed, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> FirstStart.unpack(packed, home)).isInstanceOf(IOException.class);
        assertThat(packed).exists();
        assertThat(home.resolve("engine/libx.so")).doesNotExist();
    }

    @Test
    void nothingIsWrittenOutsideTheImage() throws IOException {
        Path packed = pack("../escaped.so", "machine code");
        assertThatThrownBy(() -> FirstStart.unpack(packed, home)).isInstanceOf(IOException.class);
        assertThat(home.resolveSibling("escaped.so")).doesNotExist();
    }

    private Path pack(String name, String content) throws IOException {
        Path packed = home.resolve("natives.zip.xz");
        try (ZipOutputStream zip =
                new ZipOutputStream(new XZOutputStream(Files.newOutputStream(packed), new LZMA2Options(1)))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return packed;
    }
}
