package dev.hourglass.device.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// A tensor of a file as floats, converted by the real library.
///
/// `ggml_type_traits`: name, i64 blck_size, i64 blck_size_interleave, size_t type_size, bool
/// is_quantized, to_float, …
@SuppressWarnings("restricted")
final class Dequantised {
    private static final long TO_FLOAT = 40;

    private Dequantised() {}

    static float[] by(MethodHandle traits, Path file, GgufHeader header, GgufTensor tensor) throws Throwable {
        byte[] bytes = new byte[(int) tensor.bytes()];
        ByteBuffer.wrap(Files.readAllBytes(file)).get((int) (header.dataOffset() + tensor.offset()), bytes);
        float[] out = new float[(int) tensor.elements()];
        if (tensor.type() == GgmlType.F32) {
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(out);
            return out;
        }
        MemorySegment known = ((MemorySegment) traits.invoke(tensor.type().id())).reinterpret(64);
        MethodHandle toFloat = Linker.nativeLinker()
                .downcallHandle(known.get(ADDRESS, TO_FLOAT), FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(JAVA_FLOAT, out.length);
            toFloat.invoke(arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, bytes), to, (long) out.length);
            MemorySegment.copy(to, JAVA_FLOAT, 0, out, 0, out.length);
        }
        return out;
    }
}
