package dev.hourglass.device.gpu;

import dev.hourglass.device.ffi.cublaslt.CublasLt;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.cudnn.Cudnn;
import dev.hourglass.device.ffi.library.CudaPlaces;
import dev.hourglass.device.ffi.nvrtc.Compiler;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What of NVIDIA's libraries this machine has.
///
/// @param driver without it there is no GPU
/// @param compiler without it only what vendors' libraries compute
/// @param products without it no products of matrices
/// @param networks without it no attention of prompts and no convolution
public record GpuLibraries(
        CudaDriver.Outcome driver, Compiler.Outcome compiler, CublasLt.Outcome products, Cudnn.Outcome networks) {
    /// @param environment of the process: where users say that they have CUDA
    public static GpuLibraries find(Map<String, String> environment) {
        List<Path> places = CudaPlaces.of(environment);
        return new GpuLibraries(
                CudaDriver.open(places), Compiler.open(places), CublasLt.find(places), Cudnn.find(places));
    }
}
