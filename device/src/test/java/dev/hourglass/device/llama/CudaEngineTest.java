package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What can be missing for a GPU, by made-up files of libraries.
class CudaEngineTest {
    private static final CudaEngine.Gpu H200 = new CudaEngine.Gpu(0, "NVIDIA H200", 90, 140L << 30, 13_000);

    @TempDir
    Path directory;

    private Path engine;
    private Path cuda;

    @BeforeEach
    void complete() throws IOException {
        engine = Files.createDirectory(directory.resolve("engine"));
        cuda = Files.createDirectory(directory.resolve("cuda"));
        for (String name : List.of("libllama.v9.so", "libggml.v9.so", "libggml-base.so", "libggml-cpu-x64.so")) {
            Files.write(engine.resolve(name), library(List.of(), List.of()));
        }
        unit(new Entry(2, 90, 0, 0));
        for (String name : List.of("libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcupti.so.13")) {
            Files.createFile(cuda.resolve(name));
        }
    }

    /// @param major of PTX's version
    private record Entry(int kind, int sm, int major, int minor) {}

    private void unit(Entry... entries) throws IOException {
        Files.write(
                engine.resolve("libggml-cuda.so"),
                library(List.of("libcudart.so.13", "libcublas.so.13", "libc.so.6"), List.of(entries)));
    }

    /// A shared library with nothing but what is looked at.
    private static byte[] library(List<String> needed, List<Entry> entries) {
        ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, EngineLibraries.ELF_MAGIC);
        String names = "\0.dynamic\0.dynstr\0.nv_fatbin\0.names\0";
        int namesAt = 64;
        out.put(namesAt, names.getBytes(StandardCharsets.US_ASCII));
        StringBuilder texts = new StringBuilder("\0");
        int dynamicAt = 256;
        int at = dynamicAt;
        for (String one : needed) {
            out.putLong(at, 1).putLong(at + 8, texts.length());
            texts.append(one).append('\0');
            at += 16;
        }
        int dynamicEnd = at + 16;
        int textsAt = 1024;
        out.put(textsAt, texts.toString().getBytes(StandardCharsets.US_ASCII));
        int codeAt = 2048;
        int body = entries.size() * 72;
        out.putInt(codeAt, 0xBA55ED50).putShort(codeAt + 4, (short) 1).putShort(codeAt + 6, (short) 16);
        out.putLong(codeAt + 8, body);
        for (int i = 0; i < entries.size(); i++) {
            int entry = codeAt + 16 + i * 72;
            out.putShort(entry, (short) entries.get(i).kind())
                    .putInt(entry + 4, 64)
                    .putLong(entry + 8, 8);
            out.putShort(entry + 24, (short) entries.get(i).minor())
                    .putShort(entry + 26, (short) entries.get(i).major());
            out.putInt(entry + 28, entries.get(i).sm());
        }
        int table = 3072;
        section(out, table, names.indexOf(".dynamic"), dynamicAt, dynamicEnd - dynamicAt);
        section(out, table + 64, names.indexOf(".dynstr"), textsAt, texts.length());
        section(out, table + 128, names.indexOf(".nv_fatbin"), codeAt, entries.isEmpty() ? 0 : 16 + body);
        section(out, table + 192, names.indexOf(".names"), namesAt, names.length());
        out.putLong(40, table).putShort(58, (short) 64).putShort(60, (short) 4).putShort(62, (short) 3);
        return out.array();
    }

    private static void section(ByteBuffer out, int at, int name, long offset, long size) {
        out.putInt(at, name).putLong(at + 24, offset).putLong(at + 32, size);
    }

    private CudaEngine find(CudaEngine.Gpu gpu) {
        return CudaEngine.find(engine, List.of(cuda), new CudaEngine.Device.Present(gpu));
    }

    private CudaEngine.Lack lack(CudaEngine.Gpu gpu) {
        return ((CudaEngine.Absent) find(gpu)).lack();
    }

    @Test
    void everythingThereIsLoadedInTheOrderInWhichItIsNeeded() {
        CudaEngine.Found found = (CudaEngine.Found) find(H200);
        assertThat(found.preload())
                .containsExactly(
                        cuda.resolve("libcudart.so.13"),
                        cuda.resolve("libcublasLt.so.13"),
                        cuda.resolve("libcublas.so.13"));
        assertThat(found.notice()).isEmpty();
        assertThat(found.blind()).isEmpty();
    }

    @Test
    void anEngineForTheCpuAloneIsSaidToBeOne() throws IOException {
        Files.delete(engine.resolve("libggml-cuda.so"));
        assertThat(lack(H200).part()).isEqualTo("engine");
        assertThat(lack(H200).line()).contains("libggml-cuda.so").contains("--engine");
    }

    @Test
    void aDriverThatIsTooOldIsTold() {
        CudaEngine.Gpu old = new CudaEngine.Gpu(0, "NVIDIA H200", 90, 140L << 30, 12_040);
        assertThat(lack(old).reason()).isEqualTo("the driver is too old: it offers CUDA 12.4, the engine needs 13");
    }

    @Test
    void aLibraryThatIsNowhereIsTold() throws IOException {
        Files.delete(cuda.resolve("libcublas.so.13"));
        assertThat(lack(H200).part()).isEqualTo("runtime");
        assertThat(lack(H200).line()).contains("libcublas.so.13").contains("nvidia-cublas");
    }

    @Test
    void codeForOtherGpusIsNone() throws IOException {
        unit(new Entry(2, 86, 0, 0), new Entry(1, 75, 9, 1));
        assertThat(lack(H200).part()).isEqualTo("code");
        assertThat(lack(H200).line()).contains("9.0").contains("13.1");
        assertThat(find(new CudaEngine.Gpu(0, "A", 89, 1, 13_000))).isInstanceOf(CudaEngine.Found.class);
        CudaEngine.Found translated = (CudaEngine.Found) find(new CudaEngine.Gpu(0, "B", 90, 1, 13_010));
        assertThat(translated.notice().orElseThrow()).contains("translates 1 of 1 parts");
    }

    @Test
    void withoutCuptiTheGpuIsUsedButNotRecorded() throws IOException {
        Files.delete(cuda.resolve("libcupti.so.13"));
        assertThat(((CudaEngine.Found) find(H200)).blind().orElseThrow().part()).isEqualTo("cupti");
    }

    @Test
    void aDamagedLibraryIsTold() throws IOException {
        byte[] bytes = Files.readAllBytes(engine.resolve("libggml-cuda.so"));
        bytes[3072 + 128 + 35] = 0x7f;
        Files.write(engine.resolve("libggml-cuda.so"), bytes);
        assertThat(lack(H200).reason()).contains("damaged");
    }

    @Test
    void noGpuIsTheDriversWord() {
        CudaEngine.Lack none = new CudaEngine.Lack("driver", "no NVIDIA driver", "install it");
        CudaEngine found = CudaEngine.find(engine, List.of(cuda), new CudaEngine.Device.None(none));
        assertThat(found).isEqualTo(new CudaEngine.Absent(none, Optional.empty()));
    }

    @Test
    void aPlacementSaysWhichTensorsStayOnTheCpu() {
        Placement some = new Placement(0, OptionalInt.empty(), Placement.Experts.CPU_PINNED, Set.of(1, 2));
        assertThat(some.offload(4).onCpu()).containsExactly("blk\\.(0|3)\\.ffn_.*exps");
        assertThat(Placement.parse(some.text())).isEqualTo(some);
        assertThat(Placement.onGpu(0).offload(4).onCpu()).isEmpty();
        Placement fetch = new Placement(1, OptionalInt.of(3), Placement.Experts.FETCH, Set.of());
        assertThat(fetch.offload(4).onCpu()).containsExactly("exps");
        assertThat(Placement.parse(fetch.text())).isEqualTo(fetch);
        assertThat(fetch.environment("4,7"))
                .isEqualTo(Map.of("CUDA_VISIBLE_DEVICES", "7", "GGML_OP_OFFLOAD_MIN_BATCH", "1"));
    }
}
