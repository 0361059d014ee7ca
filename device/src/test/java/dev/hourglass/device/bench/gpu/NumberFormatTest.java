package dev.hourglass.device.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class NumberFormatTest {
    /// Codes and values of the OCP 8-bit floating point specification, revision 1.0, table 2.
    @Test
    void fp8IsE4m3() {
        assertThat(fp8(0x00)).isZero();
        assertThat(fp8(0x01)).isEqualTo(0x1p-9);
        assertThat(fp8(0x07)).isEqualTo(0.875 * 0x1p-6);
        assertThat(fp8(0x08)).isEqualTo(0x1p-6);
        assertThat(fp8(0x38)).isEqualTo(1);
        assertThat(fp8(0xb8)).isEqualTo(-1);
        assertThat(fp8(0x7e)).isEqualTo(448);
        assertThat(fp8(0x7f)).isNaN();
        assertThat(fp8(0xff)).isNaN();
    }

    @Test
    void halvesAreReadByTheirRules() {
        MemorySegment two = MemorySegment.ofArray(new short[] {0x3fc0, (short) 0xc2f7});
        assertThat(NumberFormat.BF16.at(two, 0)).isEqualTo(1.5);
        assertThat(NumberFormat.BF16.at(two, 1)).isEqualTo(-123.5);
        MemorySegment half = MemorySegment.ofArray(new short[] {0x3e00, (short) 0xd7b8});
        assertThat(NumberFormat.FP16.at(half, 0)).isEqualTo(1.5);
        assertThat(NumberFormat.FP16.at(half, 1)).isEqualTo(-123.5);
    }

    /// What the device never wrote must not pass for a result.
    @Test
    void poisonIsNoNumberInAnyFloatingFormat() {
        MemorySegment ones = MemorySegment.ofArray(new long[] {-1});
        for (NumberFormat format : new NumberFormat[] {
            NumberFormat.FP32, NumberFormat.TF32, NumberFormat.BF16, NumberFormat.FP16, NumberFormat.FP8
        }) {
            assertThat(format.at(ones, 0)).as(format.name()).isNaN();
        }
    }

    private static double fp8(int code) {
        return NumberFormat.FP8.at(MemorySegment.ofArray(new byte[] {(byte) code}), 0);
    }
}
