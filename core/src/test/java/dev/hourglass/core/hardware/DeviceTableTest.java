package dev.hourglass.core.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The device table: dense figures with a source, found by name and by what a system reports.
class DeviceTableTest {
    @Test
    void everyRowHasFiguresThatCanBe() {
        assertThat(DeviceTable.all()).hasSizeGreaterThan(15).allSatisfy(device -> {
            assertThat(device.source()).isNotBlank();
            assertThat(device.clock()).isNotBlank();
            assertThat(device.bandwidth()).isBetween(1e11, 1e13);
            assertThat(device.peaks()).isNotEmpty().containsKey("fp32");
            assertThat(device.memoryBytes().isPresent()).isEqualTo(device.kind() == DeviceSpec.Kind.GPU);
        });
        assertThat(DeviceTable.all().stream().map(DeviceSpec::name)).doesNotHaveDuplicates();
    }

    /// Sparse figures are twice the dense ones: narrower formats gain at most that factor each.
    @Test
    void noRowMixesSparseAndDense() {
        assertThat(DeviceTable.all()).allSatisfy(device -> {
            double bf16 = device.own("bf16").orElse(0.0);
            device.own("fp8")
                    .ifPresent(fp8 -> assertThat(fp8 / bf16).as(device.name()).isBetween(1.9, 2.1));
            device.own("fp4")
                    .ifPresent(fp4 -> assertThat(fp4 / bf16).as(device.name()).isBetween(3.8, 8.1));
        });
        assertThat(DeviceTable.find("h100-sxm").orElseThrow().peak("bf16").perSecond())
                .isLessThan(1000e12);
    }

    /// Cores × clock × operations per core and cycle, as the source of each processor says.
    @Test
    void processorsAreProducts() {
        assertThat(DeviceTable.find("epyc-9755").orElseThrow().peak("bf16").perSecond())
                .isCloseTo(128 * 2.7e9 * 128, within(0.01e12));
        assertThat(DeviceTable.find("xeon-8480").orElseThrow().peak("int8").perSecond())
                .isCloseTo(56 * 2.0e9 * 2048, within(0.05e12));
        assertThat(DeviceTable.find("epyc-9654").orElseThrow().bandwidth()).isEqualTo(12 * 4800e6 * 8);
    }

    @ParameterizedTest
    @CsvSource({
        "NVIDIA H100 80GB HBM3,h100-sxm",
        "NVIDIA H100 PCIe,h100-pcie",
        "NVIDIA H200,h200",
        "NVIDIA A100-SXM4-80GB,a100-sxm-80",
        "NVIDIA A100-SXM4-40GB,a100-sxm-40",
        "NVIDIA A100 80GB PCIe,a100-pcie-80",
        "NVIDIA L40S,l40s",
        "NVIDIA L4,l4",
        "NVIDIA A10,a10",
        "NVIDIA GeForce RTX 4090,rtx-4090",
        "AMD EPYC 9654 96-Core Processor,epyc-9654",
        "Intel(R) Xeon(R) Platinum 8480+,xeon-8480"
    })
    void systemsNamesAreRecognised(String reported, String name) {
        assertThat(DeviceTable.recognise(reported)).map(DeviceSpec::name).contains(name);
    }

    @ParameterizedTest
    @CsvSource({"NVIDIA A100X", "NVIDIA L40", "AMD EPYC", "NVIDIA A1000", "''"})
    void strangersAreNotTakenForKnownOnes(String reported) {
        assertThat(DeviceTable.recognise(reported)).isEmpty();
    }

    @Test
    void aFormatThatADeviceLacksRunsInItsNextWider() {
        DeviceSpec a100 = DeviceTable.find("a100-sxm-80").orElseThrow();
        assertThat(a100.peak("fp8")).isEqualTo(new DeviceSpec.Peak("bf16", 312e12));
        assertThat(DeviceTable.find("epyc-7763").orElseThrow().peak("bf16").format())
                .isEqualTo("fp32");
    }

    @Test
    void theSlowerOfArithmeticAndTransferDecides() {
        Roofline h100 = new Roofline(DeviceTable.find("h100-sxm").orElseThrow());
        Roofline.Time product = h100.time(2.0 * 8192 * 8192 * 8192, 3.0 * 8192 * 8192 * 2, "bf16");
        assertThat(product.memoryBound()).isFalse();
        assertThat(product.seconds()).isEqualTo(2.0 * 8192 * 8192 * 8192 / 989.4e12);
        assertThat(h100.time(1e9, 3.35e9, "bf16").seconds()).isEqualTo(1e-3);
    }
}
