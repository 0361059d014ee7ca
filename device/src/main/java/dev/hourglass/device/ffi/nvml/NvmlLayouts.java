package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/// Structs of `nvml.h`, API 13. Those with a `version` have it in their first four bytes: the number of the version in
/// the highest byte, the size of the struct below it (`NVML_STRUCT_VERSION`), but for GPM's, which hold 1.
///
/// ```
/// nvmlMemory_v2_t       40: 0 version u32 | 8 total u64 | 16 reserved u64 | 24 free u64 | 32 used u64
/// nvmlMemory_t          24: 0 total u64 | 8 free u64 | 16 used u64
/// nvmlUtilization_t      8: 0 gpu u32 | 4 memory u32
/// nvmlPciInfo_t         68: 0 busIdLegacy char[16] | 16 domain | 20 bus | 24 device | 28 id | 32 subsystem | 36
/// busId[32]
/// nvmlProcessInfo_t     24: 0 pid u32 | 8 usedGpuMemory u64 | 16 gpuInstanceId u32 | 20 computeInstanceId u32
/// nvmlFieldValue_t      40: 0 id u32 | 4 scope u32 | 8 timestamp i64 | 16 latency i64 | 24 type | 28 return | 32
/// value
/// nvmlGpmSupport_t       8: 0 version u32 | 4 isSupported u32
/// nvmlGpmMetric_t       40: 0 id u32 | 4 return u32 | 8 value f64 | 16 name, unit, label: char *[3]
/// nvmlGpmMetricsGet_t 13344: 0 version u32 | 4 n u32 | 8 sample1 | 16 sample2 | 24 nvmlGpmMetric_t[333]
/// ```
final class NvmlLayouts {
    static final int GPM_VERSION = 1;
    /// Bound of the array of metrics in the newest header; an older library reads fewer of them.
    static final int GPM_METRICS = 333;

    static final StructLayout MEMORY_V2 = MemoryLayout.structLayout(
            JAVA_INT.withName("version"),
            MemoryLayout.paddingLayout(4),
            JAVA_LONG.withName("total"),
            JAVA_LONG.withName("reserved"),
            JAVA_LONG.withName("free"),
            JAVA_LONG.withName("used"));

    static final StructLayout MEMORY_V1 = MemoryLayout.structLayout(
            JAVA_LONG.withName("total"), JAVA_LONG.withName("free"), JAVA_LONG.withName("used"));

    static final StructLayout UTILISATION =
            MemoryLayout.structLayout(JAVA_INT.withName("gpu"), JAVA_INT.withName("memory"));

    static final StructLayout PCI = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("busIdLegacy"),
            JAVA_INT.withName("domain"),
            JAVA_INT.withName("bus"),
            JAVA_INT.withName("device"),
            JAVA_INT.withName("pciDeviceId"),
            JAVA_INT.withName("pciSubSystemId"),
            MemoryLayout.sequenceLayout(32, ValueLayout.JAVA_BYTE).withName("busId"));

    static final StructLayout PROCESS = MemoryLayout.structLayout(
            JAVA_INT.withName("pid"),
            MemoryLayout.paddingLayout(4),
            JAVA_LONG.withName("usedGpuMemory"),
            JAVA_INT.withName("gpuInstanceId"),
            JAVA_INT.withName("computeInstanceId"));

    static final StructLayout FIELD = MemoryLayout.structLayout(
            JAVA_INT.withName("fieldId"),
            JAVA_INT.withName("scopeId"),
            JAVA_LONG.withName("timestamp"),
            JAVA_LONG.withName("latencyUsec"),
            JAVA_INT.withName("valueType"),
            JAVA_INT.withName("nvmlReturn"),
            JAVA_LONG.withName("value"));

    static final StructLayout GPM_SUPPORT =
            MemoryLayout.structLayout(JAVA_INT.withName("version"), JAVA_INT.withName("isSupportedDevice"));

    static final StructLayout GPM_METRIC = MemoryLayout.structLayout(
            JAVA_INT.withName("metricId"),
            JAVA_INT.withName("nvmlReturn"),
            JAVA_DOUBLE.withName("value"),
            MemoryLayout.sequenceLayout(3, ADDRESS).withName("metricInfo"));

    static final StructLayout GPM_GET = MemoryLayout.structLayout(
            JAVA_INT.withName("version"),
            JAVA_INT.withName("numMetrics"),
            ADDRESS.withName("sample1"),
            ADDRESS.withName("sample2"),
            MemoryLayout.sequenceLayout(GPM_METRICS, GPM_METRIC).withName("metrics"));

    private NvmlLayouts() {}

    static long offset(StructLayout struct, String field) {
        return struct.byteOffset(PathElement.groupElement(field));
    }

    /// What stands in `version` of a struct of the library.
    static int version(StructLayout struct, int version) {
        return (int) struct.byteSize() | version << 24;
    }
}
