package dev.hourglass.device.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.synthetic.GeneratedModel;
import dev.hourglass.core.model.synthetic.Shape;
import dev.hourglass.core.model.synthetic.Shapes;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

@SuppressWarnings("restricted")
class GeneratedModelTest {
    static final List<GgmlType> SUPPORTED = GeneratedModel.FORMATS;

    @TempDir
    Path directory;

    private static MethodHandle ggml(String symbol, FunctionDescriptor descriptor) {
        EngineLibraries.Found found = (EngineLibraries.Found) Tiny.libraries();
        SymbolLookup library = SymbolLookup.libraryLookup(found.base(), Arena.global());
        return Linker.nativeLinker().downcallHandle(library.find(symbol).orElseThrow(), descriptor);
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void formatsAreThoseOfTheLibrary(GgmlType type) throws Throwable {
        MethodHandle name = ggml("ggml_type_name", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        MethodHandle block = ggml("ggml_blck_size", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
        MethodHandle size = ggml("ggml_type_size", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
        assertThat(((MemorySegment) name.invoke(type.id())).reinterpret(64).getString(0))
                .isEqualToIgnoringCase(type.name());
        assertThat((long) block.invoke(type.id())).isEqualTo(type.blockElements());
        assertThat((long) size.invoke(type.id())).isEqualTo(type.blockBytes());
    }

    /// The library's own reader of such files must find each tensor where ours finds it, with the
    /// same bytes.
    @Test
    void theRealLibraryReadsBackEqualBits() throws Throwable {
        Path file = Tiny.model(directory, Tiny.QWEN3MOE);
        byte[] bytes = Files.readAllBytes(file);
        GgufHeader header = GgufHeader.read(file);
        MemoryLayout params = MemoryLayout.structLayout(JAVA_LONG, ADDRESS);
        MethodHandle open = ggml("gguf_init_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, params));
        MethodHandle tensor = ggml("ggml_get_tensor", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
        MethodHandle data = ggml("ggml_get_data", FunctionDescriptor.of(ADDRESS, ADDRESS));
        MethodHandle nbytes = ggml("ggml_nbytes", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment context = arena.allocate(ADDRESS);
            MemorySegment how = arena.allocate(params);
            how.set(ADDRESS, 8, context);
            MemorySegment gguf = (MemorySegment) open.invoke(arena.allocateFrom(file.toString()), how);
            assertThat(gguf).isNotEqualTo(MemorySegment.NULL);
            MemorySegment tensors = context.get(ADDRESS, 0);
            for (GgufTensor t : header.tensors()) {
                MemorySegment found = (MemorySegment) tensor.invoke(tensors, arena.allocateFrom(t.name()));
                assertThat((long) nbytes.invoke(found)).as(t.name()).isEqualTo(t.bytes());
                byte[] read = ((MemorySegment) data.invoke(found))
                        .reinterpret(t.bytes())
                        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
                int at = (int) (header.dataOffset() + t.offset());
                assertThat(Arrays.equals(read, 0, read.length, bytes, at, at + read.length))
                        .as(t.name())
                        .isTrue();
            }
        }
    }

    /// Dequantised by the library, the weights must have the spread that keeps activations in size.
    @ParameterizedTest
    @FieldSource("SUPPORTED")
    void everyFormatHasTheWantedSpread(GgmlType type) throws Throwable {
        Shape shape = Tiny.wide(type);
        Path file = new GeneratedModel(shape, 1, type, 5).prepare(directory, 16, OptionalLong.empty(), (_, _) -> {});
        GgufHeader header = GgufHeader.read(file);
        GgufTensor tensor = header.tensor("blk.0.ffn_up_exps.weight").orElseThrow();
        assertThat(tensor.type()).isEqualTo(type);
        float[] values = Dequantised.by(
                ggml("ggml_get_type_traits", FunctionDescriptor.of(ADDRESS, JAVA_INT)), file, header, tensor);
        double mean = 0;
        double squares = 0;
        for (float v : values) {
            assertThat(Float.isFinite(v)).isTrue();
            mean += v / values.length;
            squares += (double) v * v / values.length;
        }
        double wanted = 1 / Math.sqrt(tensor.shape().getFirst());
        assertThat(Math.sqrt(squares - mean * mean)).isBetween(wanted * 0.7, wanted * 1.4);
        assertThat(Math.abs(mean)).isLessThan(wanted * 0.02);
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws Exception {
        Path a = Files.createDirectory(directory.resolve("a"));
        Path b = Files.createDirectory(directory.resolve("b"));
        byte[] first = Files.readAllBytes(Tiny.model(a, Tiny.QWEN3MOE));
        assertThat(Files.readAllBytes(Tiny.model(b, Tiny.QWEN3MOE))).isEqualTo(first);
        Path other = new GeneratedModel(Tiny.QWEN3MOE, 2, 8).prepare(b, 64, OptionalLong.empty(), (_, _) -> {});
        assertThat(Files.readAllBytes(other)).isNotEqualTo(first);
    }

    @Test
    void aWholeFileIsTakenAndADamagedOneMadeAnew() throws Exception {
        Path file = Tiny.model(directory, Tiny.QWEN3MOE);
        byte[] whole = Files.readAllBytes(file);
        var made = Files.getLastModifiedTime(file);
        assertThat(Files.getLastModifiedTime(Tiny.model(directory, Tiny.QWEN3MOE)))
                .isEqualTo(made);
        Files.write(file, Arrays.copyOf(whole, 100));
        assertThat(Files.readAllBytes(Tiny.model(directory, Tiny.QWEN3MOE))).isEqualTo(whole);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new GeneratedModel(Shapes.DEFAULT, 49, 1))
                .isInstanceOf(ModelException.class)
                .hasMessage("layers must be between 1 and 48 for qwen3-30b-a3b, not 49");
        GeneratedModel huge = new GeneratedModel(Shapes.find("mixtral-8x7b").orElseThrow(), 32, GgmlType.F32, 1);
        assertThatThrownBy(() -> huge.prepare(directory, 64, OptionalLong.of(8L << 30), (_, _) -> {}))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(
                        "32 layers of mixtral-8x7b in F32 need 187 GB of memory, but only 8.59 GB are available");
    }

    /// Weights of the published models, as their makers count them.
    @Test
    void shapesHaveThePublishedNumberOfWeights() {
        assertThat(billions("qwen3-30b-a3b")).isBetween(30.5, 30.6);
        assertThat(billions("mixtral-8x7b")).isBetween(46.6, 46.8);
        assertThat(billions("deepseek-v2-lite")).isBetween(15.6, 15.8);
        assertThat(billions("gpt-oss-20b")).isBetween(20.8, 21.0);
        assertThat(billions("qwen3-8b")).isBetween(8.1, 8.3);
    }

    private static double billions(String name) {
        Shape shape = Shapes.find(name).orElseThrow();
        return shape.tensors(shape.layersFull(), GgmlType.F32).stream()
                        .mapToLong(GgufTensor::elements)
                        .sum()
                / 1e9;
    }
}
