package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Tensors of the engine in this process's memory. Addresses come from the engine's callback and are
/// valid until the next decode.
@SuppressWarnings("restricted")
final class NativeTensors implements Tensors {
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final LlamaBindings bindings;

    NativeTensors(LlamaBindings bindings) {
        this.bindings = bindings;
    }

    /// @throws LlamaException if names do not lie where the layout says
    void check(long tensor) {
        try {
            long name = (long) bindings.tensorName().invokeExact(tensor);
            if (name - tensor != LlamaLayouts.Tensor.NAME) {
                throw new LlamaException("this version of the engine's library lays tensors out in a way that is not"
                        + " known here: names at " + (name - tensor));
            }
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("ggml_get_name failed", e);
        }
    }

    @Override
    public GraphNode node(long address) {
        List<GraphNode.Source> sources = new ArrayList<>();
        for (int i = 0; i < LlamaLayouts.Tensor.MAX_SOURCES; i++) {
            long source = MEMORY.get(JAVA_LONG, address + LlamaLayouts.Tensor.SOURCES + 8L * i);
            if (source != 0) {
                sources.add(new GraphNode.Source(source, name(source), shape(source)));
            }
        }
        return new GraphNode(address, name(address), operator(address), shape(address), sources);
    }

    @Override
    public long fingerprint(long address) {
        long hash = MEMORY.get(JAVA_LONG, address + 80);
        for (int i = 0; i < 4; i++) {
            hash = hash * 31 + MEMORY.get(JAVA_LONG, address + LlamaLayouts.Tensor.SHAPE + 8L * i);
            hash = hash * 31 + MEMORY.get(JAVA_LONG, address + LlamaLayouts.Tensor.NAME + 8L * i);
        }
        return hash;
    }

    @Override
    public void experts(long ids, int[] experts) {
        long data = MEMORY.get(JAVA_LONG, ids + LlamaLayouts.Tensor.DATA);
        long stride = MEMORY.get(JAVA_LONG, ids + LlamaLayouts.Tensor.STRIDES);
        if (stride == Integer.BYTES) {
            MemorySegment.copy(MEMORY, JAVA_INT, data, experts, 0, experts.length);
            return;
        }
        for (int slot = 0; slot < experts.length; slot++) {
            experts[slot] = MEMORY.get(JAVA_INT, data + slot * stride);
        }
    }

    @Override
    public void factors(long weights, float[] factors) {
        long data = MEMORY.get(JAVA_LONG, weights + LlamaLayouts.Tensor.DATA);
        boolean flat =
                MEMORY.get(JAVA_LONG, weights + LlamaLayouts.Tensor.SHAPE) == factors.length && factors.length > 1;
        long stride = MEMORY.get(JAVA_LONG, weights + LlamaLayouts.Tensor.STRIDES + (flat ? 0 : 8));
        if (stride == Float.BYTES) {
            MemorySegment.copy(MEMORY, JAVA_FLOAT, data, factors, 0, factors.length);
            return;
        }
        for (int slot = 0; slot < factors.length; slot++) {
            factors[slot] = MEMORY.get(JAVA_FLOAT, data + slot * stride);
        }
    }

    private String operator(long address) {
        try {
            return LlamaBindings.text((MemorySegment) bindings.opDesc().invokeExact(address));
        } catch (Throwable e) {
            throw new LlamaException("ggml_op_desc failed", e);
        }
    }

    private static List<Long> shape(long address) {
        List<Long> shape = new ArrayList<>(4);
        for (int d = 0; d < 4; d++) {
            shape.add(MEMORY.get(JAVA_LONG, address + LlamaLayouts.Tensor.SHAPE + 8L * d));
        }
        return shape;
    }

    private static String name(long address) {
        byte[] bytes = new byte[LlamaLayouts.Tensor.NAME_BYTES];
        MemorySegment.copy(MEMORY, JAVA_BYTE, address + LlamaLayouts.Tensor.NAME, bytes, 0, bytes.length);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
