package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KernelNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nvjet_sm90_tst_64x8_64x16_2x1_v_bz_TNT | gemm | memory",
                "nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN | gemm | compute",
                "nvjet_sm90_tst_64x48_64x15_2x4_h_bz_TNT | gemm | unknown",
                "void cublasLt::splitKreduce_kernel<32, 16, int, float>(cublasLt::X) | gemm | memory",
                "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>) | communication | unknown",
                "void vllm::moe::topkGating<8, 16, 4, 16, 32, int>(int const*) | moe | unknown",
                "cudnn_generated_fort_native_sdpa_sm80_flash_fprop_wmma_f16_knob_35_16x128x128_1x4x1 | attention | unknown",
                "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<float, float, true>(int) | norm | memory",
                "triton_poi_fused_3 | elementwise | memory",
                "sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc_tilesize128x256x64 | convolution | compute",
                "void cudnn::engines_precompiled::nchwToNhwcKernel<__nv_bfloat16, float, true>(int) | copy | memory",
                "void at::native::conv_depthwise2d_forward_kernel<3, float, int>(int) | convolution | memory",
                "void causal_conv1d_fwd_kernel<Causal_conv1d_fwd_kernel_traits<128, 4> >(ConvParamsBase) | convolution | memory",
                "igemm_fwd_gtcx2_nhwc_fp16_bx0_ex1_bt256x128x32_wt32x32x8 | convolution | compute",
                "Cijk_Ailk_Bljk_HHS_BH_MT128x128x16_MI32x32x8x1 | gemm | compute",
                "Cijk_Alik_Bljk_BBS_BH_MT16x16x512_MI16x16x1 | gemm | memory",
                "__amd_rocclr_copyBuffer | copy | memory",
                "void convert_fp16_to_fp8<int>(int) | other | unknown",
            })
    void readsWhatANameTells(String name, String category, String nature) {
        KernelName read = KernelName.of(name);
        assertThat(read.category()).isEqualTo(category);
        assertThat(read.nature()).isEqualTo(nature);
    }

    @Test
    void shortensAndKeepsWhatTellsGenericKernelsApart() {
        assertThat(KernelName.of("void at::native::vectorized_elementwise_kernel<8, at::native::CUDAFunctor_add<float>,"
                                + " std::array<char*, 3ul> >(int, at::native::CUDAFunctor_add<float>)")
                        .shortName())
                .isEqualTo("vectorized_elementwise_kernel CUDAFunctor");
        assertThat(KernelName.of("_ZN7cutlass13device_kernelIN2at4cuda6detailE").shortName())
                .isEqualTo("cutlass::device_kernel");
        assertThat(KernelName.of("memcpy32_post").shortName()).isEqualTo("memcpy32_post");
    }

    @ParameterizedTest
    @CsvSource({"'_Z'", "'_ZN99999x'", "'_ZN3'", "''", "'<'", "'('", "'void '", "'<img onerror=alert(1)>'"})
    void survivesAnyName(String name) {
        assertThat(KernelName.of(name).shortName()).isNotNull();
    }

    /// What each place of a name would be looked at from each other place takes minutes with a name of this length.
    @Test
    void aNameWithoutEndIsCut() {
        for (String part : List.of("K", "Op", "K<", "1x1", "_kernel_", "::")) {
            String name = "void elementwise_kernel<" + part.repeat(400_000 / part.length());
            assertThat(KernelName.of(name).shortName()).hasSizeLessThanOrEqualTo(96);
        }
    }
}
