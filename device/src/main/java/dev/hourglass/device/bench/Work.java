package dev.hourglass.device.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one operator does at one shape.
///
/// @param op its name in the list of operators, for example `gemm`
/// @param axes its sizes by name, in the order in which they are shown
/// @param dtype number format of its inputs, for example `bf16`
/// @param device where, `cpu` or `gpu:0`
/// @param cache whether its inputs lay in a cache
/// @param backend who computes, for example `cublaslt`, `nvrtc`, `java`
/// @param kernel name of the device's kernel or of the code that ran; empty where it is not known
/// @param library the backend's version; empty where it has none
/// @param flops floating-point operations of one call, a multiply-add being two
/// @param bytes that one call must move, each operand once
/// @param memoryBytes device memory of inputs, outputs and workspace
/// @param timer how its time is taken, for example `events around a graph of 20 launches`
public record Work(
        String op,
        Map<String, Long> axes,
        String dtype,
        String device,
        Cache cache,
        String backend,
        String kernel,
        String library,
        double flops,
        double bytes,
        long memoryBytes,
        String timer) {

    /// Where the inputs lay before a call.
    public enum Cache {
        /// In memory: what lay in the last cache was replaced.
        COLD,
        /// In a cache as far as they fit there.
        HOT
    }

    public Work {
        axes = Collections.unmodifiableMap(new LinkedHashMap<>(axes));
    }

    /// FLOP per byte; infinite where nothing is moved.
    public double intensity() {
        return flops / bytes;
    }
}
