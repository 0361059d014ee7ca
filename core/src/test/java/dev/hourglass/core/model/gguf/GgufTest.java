package dev.hourglass.core.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufTest {
    private static final List<GgufTensor> TENSORS = List.of(
            GgufTensor.of("token_embd.weight", GgmlType.Q4_0, 64, 10),
            GgufTensor.of("output_norm.weight", GgmlType.F32, 3),
            GgufTensor.of("blk.0.ffn_up_exps.weight", GgmlType.Q8_0, 32, 4, 2));

    @TempDir
    Path directory;

    private static Map<String, GgufValue> metadata() {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", GgufValue.of("qwen3moe"));
        metadata.put("qwen3moe.block_count", GgufValue.of(48));
        metadata.put("qwen3moe.rope.freq_base", GgufValue.of(1e6f));
        metadata.put("flag", GgufValue.of(true));
        metadata.put("byte", new GgufValue.Whole(GgufValue.Kind.UINT8, 200));
        metadata.put("short", new GgufValue.Whole(GgufValue.Kind.INT16, -5));
        metadata.put("long", new GgufValue.Whole(GgufValue.Kind.UINT64, 1L << 40));
        metadata.put("double", new GgufValue.Real(GgufValue.Kind.FLOAT64, 0.1));
        metadata.put(
                "qwen3moe.attention.head_count_kv",
                new GgufValue.Items(
                        GgufValue.Kind.INT32,
                        2,
                        List.of(
                                new GgufValue.Whole(GgufValue.Kind.INT32, 4),
                                new GgufValue.Whole(GgufValue.Kind.INT32, 8))));
        return metadata;
    }

    private Path write() throws IOException {
        Path file = directory.resolve("model.gguf");
        GgufWriter.write(file, metadata(), TENSORS, (tensor, out) -> {
            byte[] bytes = new byte[(int) tensor.bytes()];
            Arrays.fill(bytes, (byte) tensor.name().length());
            out.write(ByteBuffer.wrap(bytes));
        });
        return file;
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        Path file = write();
        GgufHeader header = GgufHeader.read(file);
        assertThat(header.metadata()).isEqualTo(metadata());
        assertThat(header.tensors())
                .extracting(GgufTensor::name)
                .containsExactly("token_embd.weight", "output_norm.weight", "blk.0.ffn_up_exps.weight");
        assertThat(header.tensors()).extracting(GgufTensor::shapeText).containsExactly("64x10", "3", "32x4x2");
        assertThat(header.tensors()).extracting(GgufTensor::bytes).containsExactly(360L, 12L, 272L);
        assertThat(header.tensors()).extracting(GgufTensor::offset).containsExactly(0L, 384L, 416L);
        assertThat(header.parameters()).isEqualTo(640 + 3 + 256);
        assertThat(header.modelWhole("block_count")).hasValue(48);
        assertThat(header.modelWhole("attention.head_count_kv")).hasValue(8);
        assertThat(header.architecture()).isEqualTo("qwen3moe");
        assertThat(Files.size(file)).isEqualTo(GgufWriter.fileBytes(metadata(), TENSORS));
        byte[] all = Files.readAllBytes(file);
        GgufTensor last = header.tensors().getLast();
        assertThat(all[(int) (header.dataOffset() + last.offset())])
                .isEqualTo((byte) last.name().length());
    }

    @Test
    void contentOfTheWrongSizeIsABug() {
        Path file = directory.resolve("short.gguf");
        assertThatThrownBy(() ->
                        GgufWriter.write(file, metadata(), TENSORS, (_, out) -> out.write(ByteBuffer.allocate(5))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("token_embd.weight has 360 bytes, but 5 were written");
    }

    @Test
    void everyCutIsToldWithFileAndOffset() throws IOException {
        byte[] whole = Files.readAllBytes(write());
        GgufHeader header = GgufHeader.read(directory.resolve("model.gguf"));
        GgufTensor last = header.tensors().getLast();
        long needed = header.dataOffset() + last.offset() + last.bytes();
        for (int length = 0; length < needed; length++) {
            Path cut = Files.write(directory.resolve("cut.gguf"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> GgufHeader.read(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(TraceFormatException.class)
                    .hasMessageContaining(cut + ": at byte ")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void flippedBytesNeverDoWorseThanAnError() throws IOException {
        byte[] whole = Files.readAllBytes(write());
        long seed = 20261125;
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < 1500; round++) {
            byte[] broken = whole.clone();
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            Path file = Files.write(directory.resolve("flipped.gguf"), broken);
            try {
                GgufHeader.read(file);
            } catch (TraceFormatException e) {
                refused++;
                assertThat(e.getMessage())
                        .as("seed %d", seed)
                        .startsWith(file + ": at byte ")
                        .doesNotContain("\n");
            }
        }
        assertThat(refused).isGreaterThan(150);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 'PK00', 'the letters GGUF'",
        "4, '\u0000\u0000\u0000\u0003', 'big-endian'",
        "4, '\u0009\u0000\u0000\u0000', 'version 2 or 3, not 9'",
        "8, '\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f', 'number of tensors that fits the file'",
        "16, '\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f', 'number of metadata keys that fits the file'",
        "24, '\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f', 'text of a length that fits'"
    })
    void namesWhatIsWrong(int at, String bytes, String expected) throws IOException {
        byte[] broken = Files.readAllBytes(write());
        for (int i = 0; i < bytes.length(); i++) {
            broken[at + i] = (byte) bytes.charAt(i);
        }
        Path file = Files.write(directory.resolve("broken.gguf"), broken);
        assertThatThrownBy(() -> GgufHeader.read(file))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void anEmptyFileIsCalledEmpty() throws IOException {
        Path file = Files.write(directory.resolve("empty.gguf"), new byte[0]);
        assertThatThrownBy(() -> GgufHeader.read(file)).hasMessageContaining("the file is empty");
    }

    @Test
    void aCountThatFitsTheFileButNotTheMemoryCostsNoMemory() throws IOException {
        Path file = directory.resolve("sparse.gguf");
        ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        head.put("GGUF".getBytes()).putInt(3).putLong(1L << 34).putLong(0).flip();
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(head);
            channel.position(1L << 40).write(ByteBuffer.allocate(1));
        }
        assertThatThrownBy(() -> GgufHeader.read(file)).isInstanceOf(TraceFormatException.class);
    }
}
