package dev.hourglass.device.ffi.cudnn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.cuda.CudaException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// One computation: its tensors, its operation, the plans that run it. Numbers are those of `cudnn_graph.h`.
public final class Computation implements AutoCloseable {
    private static final int TYPE_HANDLE = 0;
    private static final int TYPE_FORMAT = 1;
    private static final int TYPE_BOOLEAN = 2;
    private static final int TYPE_LONG = 3;
    private static final int TYPE_FLOAT = 4;
    private static final int TYPE_POINTER = 6;
    private static final int TYPE_CONVOLUTION = 7;
    private static final int TYPE_HEURISTIC = 8;
    private static final int TYPE_DESCRIPTOR = 15;

    private static final int CONVOLUTION = 1;
    private static final int ENGINE_CONFIGURATION = 3;
    private static final int HEURISTIC = 4;
    private static final int PLAN = 5;
    private static final int CONVOLUTION_FORWARD = 10;
    private static final int GRAPH = 15;
    private static final int PACK = 16;
    private static final int TENSOR = 17;
    private static final int ATTENTION_FORWARD = 41;

    private static final int CROSS_CORRELATION = 1;
    private static final int HEURISTIC_A = 3;
    private static final long ALIGNMENT = 16;
    /// Name of the factor before the softmax; tensors of the caller have smaller ones.
    private static final long SCALE = 1000;

    private final CudnnCalls calls;
    private final MemorySegment library;
    private final Arena arena = Arena.ofShared();
    private final Deque<MemorySegment> descriptors = new ArrayDeque<>();

    Computation(CudnnCalls calls, MemorySegment library) {
        this.calls = calls;
        this.library = library;
    }

    /// A tensor of four dimensions.
    ///
    /// @param name by which [#run] knows its memory
    public MemorySegment tensor(long name, ElementFormat format, long[] dimensions, long[] strides) {
        MemorySegment tensor = made(TENSOR);
        longs(tensor, 906, name);
        calls.set(tensor, 901, TYPE_FORMAT, 1, arena.allocateFrom(JAVA_INT, format.code()));
        longs(tensor, 900, ALIGNMENT);
        longs(tensor, 902, dimensions);
        longs(tensor, 903, strides);
        return finished(tensor);
    }

    /// `O = softmax(Q Kᵀ scale) V`, every query with every key.
    ///
    /// @param tensors Q, K, V and O, each batch, heads, tokens, width
    public List<MemorySegment> attention(List<MemorySegment> tensors) {
        MemorySegment scale = made(TENSOR);
        longs(scale, 906, SCALE);
        calls.set(scale, 901, TYPE_FORMAT, 1, arena.allocateFrom(JAVA_INT, ElementFormat.FP32.code()));
        longs(scale, 900, Float.BYTES);
        longs(scale, 902, 1, 1, 1, 1);
        longs(scale, 903, 1, 1, 1, 1);
        calls.set(scale, 908, TYPE_BOOLEAN, 1, arena.allocateFrom(JAVA_INT, 1));
        MemorySegment operation = made(ATTENTION_FORWARD);
        for (int i = 0; i < tensors.size(); i++) {
            descriptor(operation, 2800 + i, tensors.get(i));
        }
        descriptor(operation, 2805, finished(scale));
        return plans(finished(operation));
    }

    /// A convolution over height and width, in single precision.
    ///
    /// @param tensors X of n, c, h, w; W of k, c, r, s; Y
    public List<MemorySegment> convolution(List<MemorySegment> tensors, long stride, long padding) {
        MemorySegment shape = made(CONVOLUTION);
        calls.set(shape, 100, TYPE_FORMAT, 1, arena.allocateFrom(JAVA_INT, ElementFormat.FP32.code()));
        calls.set(shape, 101, TYPE_CONVOLUTION, 1, arena.allocateFrom(JAVA_INT, CROSS_CORRELATION));
        longs(shape, 102, 1, 1);
        longs(shape, 103, stride, stride);
        longs(shape, 104, padding, padding);
        longs(shape, 105, padding, padding);
        longs(shape, 106, 2);
        MemorySegment operation = made(CONVOLUTION_FORWARD);
        calls.set(operation, 700, TYPE_FLOAT, 1, arena.allocateFrom(JAVA_FLOAT, 1));
        calls.set(operation, 701, TYPE_FLOAT, 1, arena.allocateFrom(JAVA_FLOAT, 0));
        descriptor(operation, 702, finished(shape));
        descriptor(operation, 704, tensors.get(0));
        descriptor(operation, 703, tensors.get(1));
        descriptor(operation, 705, tensors.get(2));
        return plans(finished(operation));
    }

    /// Ways to run an operation, the library's first choice first; those that this device cannot run are left out.
    private List<MemorySegment> plans(MemorySegment operation) {
        MemorySegment graph = made(GRAPH);
        pointer(graph, 800, TYPE_HANDLE, library);
        descriptor(graph, 801, operation);
        finished(graph);
        MemorySegment heuristic = made(HEURISTIC);
        descriptor(heuristic, 201, graph);
        calls.set(heuristic, 200, TYPE_HEURISTIC, 1, arena.allocateFrom(JAVA_INT, HEURISTIC_A));
        finished(heuristic);
        List<MemorySegment> plans = new ArrayList<>();
        for (MemorySegment configuration : configurations(heuristic)) {
            MemorySegment plan = made(PLAN);
            pointer(plan, 400, TYPE_HANDLE, library);
            descriptor(plan, 401, configuration);
            try {
                plans.add(finished(plan));
            } catch (CudaException unsupported) {
                // the next one
            }
        }
        return plans;
    }

    private List<MemorySegment> configurations(MemorySegment heuristic) {
        MemorySegment count = arena.allocate(JAVA_LONG);
        calls.get(heuristic, 202, TYPE_DESCRIPTOR, 0, new MemorySegment[] {count, MemorySegment.NULL});
        int wanted = (int) count.get(JAVA_LONG, 0);
        MemorySegment array = arena.allocate(ADDRESS, Math.max(1, wanted));
        for (int i = 0; i < wanted; i++) {
            array.setAtIndex(ADDRESS, i, made(ENGINE_CONFIGURATION));
        }
        calls.get(heuristic, 202, TYPE_DESCRIPTOR, wanted, new MemorySegment[] {count, array});
        List<MemorySegment> found = new ArrayList<>();
        for (int i = 0; i < count.get(JAVA_LONG, 0); i++) {
            found.add(array.getAtIndex(ADDRESS, i));
        }
        return found;
    }

    /// Bytes of memory that a plan needs beside its tensors.
    public long workspace(MemorySegment plan) {
        MemorySegment count = arena.allocate(JAVA_LONG);
        return Cudnn.number(out -> calls.get(plan, 402, TYPE_LONG, 1, new MemorySegment[] {count, out}));
    }

    /// Memory for a plan's tensors.
    ///
    /// @param names of the tensors
    /// @param addresses on the device, in their order
    public MemorySegment memory(long[] names, long[] addresses, long workspace) {
        return pack(names.clone(), pointers(addresses), workspace);
    }

    /// As `memory`, with the factor before an attention's softmax.
    public MemorySegment memory(long[] names, long[] addresses, long workspace, float scale) {
        long[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = SCALE;
        MemorySegment pointers = arena.allocate(ADDRESS, all.length);
        pointers.copyFrom(pointers(addresses));
        pointers.setAtIndex(ADDRESS, names.length, arena.allocateFrom(JAVA_FLOAT, scale));
        return pack(all, pointers, workspace);
    }

    private MemorySegment pointers(long[] addresses) {
        return arena.allocateFrom(JAVA_LONG, addresses);
    }

    private MemorySegment pack(long[] names, MemorySegment pointers, long workspace) {
        MemorySegment pack = made(PACK);
        longs(pack, 1000, names);
        calls.set(pack, 1001, TYPE_POINTER, names.length, pointers);
        calls.set(pack, 1003, TYPE_POINTER, 1, arena.allocateFrom(JAVA_LONG, workspace));
        return finished(pack);
    }

    /// Gives it to the library's stream.
    public void run(MemorySegment plan, MemorySegment memory) {
        calls.execute(library, plan, memory);
    }

    private MemorySegment made(int type) {
        MemorySegment descriptor = Cudnn.address(out -> calls.createDescriptor(type, out));
        descriptors.push(descriptor);
        return descriptor;
    }

    private MemorySegment finished(MemorySegment descriptor) {
        calls.finish(descriptor);
        return descriptor;
    }

    private void longs(MemorySegment descriptor, int name, long... values) {
        calls.set(descriptor, name, TYPE_LONG, values.length, arena.allocateFrom(JAVA_LONG, values));
    }

    private void descriptor(MemorySegment descriptor, int name, MemorySegment value) {
        pointer(descriptor, name, TYPE_DESCRIPTOR, value);
    }

    private void pointer(MemorySegment descriptor, int name, int type, MemorySegment value) {
        calls.set(descriptor, name, type, 1, arena.allocateFrom(ADDRESS, value));
    }

    @Override
    public void close() {
        while (!descriptors.isEmpty()) {
            calls.destroyDescriptor(descriptors.pop());
        }
        arena.close();
    }
}
