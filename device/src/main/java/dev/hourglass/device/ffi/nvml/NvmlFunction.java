package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/// The C functions that are called, each with its prototype above it. All return `nvmlReturn_t`, 0 for success.
/// `nvmlDevice_t` and `nvmlGpmSample_t` are pointers; `enum`s are passed as `unsigned int`.
public enum NvmlFunction {
    /// `nvmlReturn_t nvmlInit_v2(void)`
    INIT("nvmlInit_v2"),
    /// `nvmlReturn_t nvmlShutdown(void)`
    SHUTDOWN("nvmlShutdown"),
    /// `nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length)`
    DRIVER_VERSION("nvmlSystemGetDriverVersion", ADDRESS, JAVA_INT),
    /// `nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned int length)`
    NVML_VERSION("nvmlSystemGetNVMLVersion", ADDRESS, JAVA_INT),
    /// `nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *cudaDriverVersion)`
    CUDA_VERSION("nvmlSystemGetCudaDriverVersion_v2", ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *deviceCount)`
    COUNT("nvmlDeviceGetCount_v2", ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device)`
    HANDLE("nvmlDeviceGetHandleByIndex_v2", JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length)`
    NAME("nvmlDeviceGetName", ADDRESS, ADDRESS, JAVA_INT),
    /// `nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length)`
    UUID("nvmlDeviceGetUUID", ADDRESS, ADDRESS, JAVA_INT),
    /// `nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci)`
    PCI("nvmlDeviceGetPciInfo_v3", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor)`
    COMPUTE_CAPABILITY("nvmlDeviceGetCudaComputeCapability", ADDRESS, ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMemoryBusWidth(nvmlDevice_t device, unsigned int *busWidth)`
    BUS_WIDTH("nvmlDeviceGetMemoryBusWidth", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *power)`: mW
    POWER("nvmlDeviceGetPowerUsage", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *limit)`: mW
    POWER_LIMIT("nvmlDeviceGetEnforcedPowerLimit", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetPowerManagementDefaultLimit(nvmlDevice_t device, unsigned int *defaultLimit)`: mW
    POWER_DEFAULT("nvmlDeviceGetPowerManagementDefaultLimit", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device, unsigned int *minLimit,
    /// unsigned
    /// int *maxLimit)`: mW
    POWER_RANGE("nvmlDeviceGetPowerManagementLimitConstraints", ADDRESS, ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int valuesCount, nvmlFieldValue_t *values)`
    FIELDS("nvmlDeviceGetFieldValues", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned int *clock)`: MHz
    CLOCK("nvmlDeviceGetClockInfo", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned int *clock)`: MHz
    MAX_CLOCK("nvmlDeviceGetMaxClockInfo", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t sensorType, unsigned int
    /// *temp)`: °C
    TEMPERATURE("nvmlDeviceGetTemperature", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device, nvmlTemperatureThresholds_t thresholdType,
    /// unsigned int *temp)`: °C
    TEMPERATURE_THRESHOLD("nvmlDeviceGetTemperatureThreshold", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization)`: percent
    UTILISATION("nvmlDeviceGetUtilizationRates", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory)`
    MEMORY_V2("nvmlDeviceGetMemoryInfo_v2", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)`
    MEMORY_V1("nvmlDeviceGetMemoryInfo", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned int *currLinkGen)`
    LINK_GENERATION("nvmlDeviceGetCurrPcieLinkGeneration", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned int *maxLinkGen)`
    LINK_GENERATION_MAX("nvmlDeviceGetMaxPcieLinkGeneration", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned int *currLinkWidth)`
    LINK_WIDTH("nvmlDeviceGetCurrPcieLinkWidth", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned int *maxLinkWidth)`
    LINK_WIDTH_MAX("nvmlDeviceGetMaxPcieLinkWidth", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetPcieThroughput(nvmlDevice_t device, nvmlPcieUtilCounter_t counter, unsigned int
    /// *value)`: KB/s over 20 ms, for which it blocks
    LINK_THROUGHPUT("nvmlDeviceGetPcieThroughput", ADDRESS, JAVA_INT, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long
    /// *clocksEventReasons)`
    CLOCK_REASONS("nvmlDeviceGetCurrentClocksEventReasons", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetSupportedClocksEventReasons(nvmlDevice_t device, unsigned long long
    /// *supportedClocksEventReasons)`
    CLOCK_REASONS_SUPPORTED("nvmlDeviceGetSupportedClocksEventReasons", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long
    /// *clocksThrottleReasons)`, the name before driver 535
    THROTTLE_REASONS("nvmlDeviceGetCurrentClocksThrottleReasons", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetSupportedClocksThrottleReasons(nvmlDevice_t device, unsigned long long
    /// *supportedClocksThrottleReasons)`, the name before driver 535
    THROTTLE_REASONS_SUPPORTED("nvmlDeviceGetSupportedClocksThrottleReasons", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t device, nvmlEnableState_t *current, nvmlEnableState_t
    /// *pending)`
    ECC("nvmlDeviceGetEccMode", ADDRESS, ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int *currentMode, unsigned int *pendingMode)`
    MIG("nvmlDeviceGetMigMode", ADDRESS, ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *infoCount,
    /// nvmlProcessInfo_t *infos)`
    PROCESSES("nvmlDeviceGetComputeRunningProcesses_v3", ADDRESS, ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t device, nvmlGpmSupport_t *gpmSupport)`
    GPM_SUPPORT("nvmlGpmQueryDeviceSupport", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlGpmSampleAlloc(nvmlGpmSample_t *gpmSample)`
    GPM_ALLOC("nvmlGpmSampleAlloc", ADDRESS),
    /// `nvmlReturn_t nvmlGpmSampleGet(nvmlDevice_t device, nvmlGpmSample_t gpmSample)`
    GPM_SAMPLE("nvmlGpmSampleGet", ADDRESS, ADDRESS),
    /// `nvmlReturn_t nvmlGpmMetricsGet(nvmlGpmMetricsGet_t *metricsGet)`
    GPM_METRICS("nvmlGpmMetricsGet", ADDRESS),
    /// `nvmlReturn_t nvmlGpmSampleFree(nvmlGpmSample_t gpmSample)`
    GPM_FREE("nvmlGpmSampleFree", ADDRESS);

    private final String symbol;
    private final List<MemoryLayout> arguments;

    NvmlFunction(String symbol, MemoryLayout... arguments) {
        this.symbol = symbol;
        this.arguments = List.of(arguments);
    }

    /// Its name in the library.
    public String symbol() {
        return symbol;
    }

    FunctionDescriptor descriptor() {
        return FunctionDescriptor.of(JAVA_INT, arguments.toArray(MemoryLayout[]::new));
    }
}
