package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KernelNameTest {
    private static final int LONG = 400_000;

    private record Known(String category, String seen, String name) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nvjet_sm90_tst_64x8_64x16_2x1_v_bz_TNT | gemm | memory",
                "nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN | gemm | compute",
                "nvjet_sm90_tst_64x48_64x15_2x4_h_bz_TNT | gemm | unknown",
                "kernel_with_no_tile_gemm | gemm | unknown",
                "gemm_1024x8_64x256 | gemm | unknown",
                "void cublasLt::splitKreduce_kernel<32, 16, int, float>(cublasLt::X) | gemm | memory",
                "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>) | communication | unknown",
                "void vllm::moe::topkGating<8, 16, 4, 16, 32, int>(int const*) | routing | unknown",
                "fused_moe_kernel | moe | unknown",
                "void vllm::moe::moe_sum_vec_kernel<c10::BFloat16, int, 4, false>(int) | moe | memory",
                "cudnn_generated_fort_native_sdpa_sm80_flash_fprop_wmma_f16_knob_35_16x128x128_1x4x1 | attention | unknown",
                "void flashinfer::BatchPrefillWithPagedKVCacheKernel<int>(T1) | attention | compute",
                "void flashinfer::BatchDecodeWithPagedKVCacheKernel<int>(T1) | attention | memory",
                "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<float, float, true>(int) | norm | memory",
                "triton_poi_fused_3 | elementwise | memory",
                "triton_per_fused_fused_add_rms_norm_moe_forward_0 | norm | memory",
                "sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc_tilesize128x256x64 | convolution | compute",
                "void cudnn::engines_precompiled::nchwToNhwcKernel<__nv_bfloat16, float, true>(int) | copy | memory",
                "void at::native::conv_depthwise2d_forward_kernel<3, float, int>(int) | convolution | memory",
                "void causal_conv1d_fwd_kernel<Causal_conv1d_fwd_kernel_traits<128, 4> >(ConvParamsBase) | recurrent | memory",
                "chunk_gated_delta_rule_fwd_kernel_h_blockdim64 | recurrent | unknown",
                "igemm_fwd_gtcx2_nhwc_fp16_bx0_ex1_bt256x128x32_wt32x32x8 | convolution | compute",
                "Cijk_Ailk_Bljk_HHS_BH_MT128x128x16_MI32x32x8x1 | gemm | compute",
                "Cijk_Alik_Bljk_BBS_BH_MT16x16x512_MI16x16x1 | gemm | memory",
                "__amd_rocclr_copyBuffer | copy | memory",
                "void convert_fp16_to_fp8<int>(int) | quantization | memory",
                "memset32_or_so | copy | memory",
                "nobody_knows | other | unknown",
            })
    void readsWhatANameTells(String name, String category, String nature) {
        KernelName read = KernelName.of(name);
        assertThat(read.category()).isEqualTo(category);
        assertThat(read.nature()).isEqualTo(nature);
    }

    @Test
    void classesNamesOfEveryEngineAsAnExpertDoes() throws IOException {
        List<Known> known = known();
        assertThat(known).hasSizeGreaterThanOrEqualTo(200);
        assertThat(known.stream().map(Known::category).distinct())
                .containsExactlyInAnyOrderElementsOf(KernelName.categories());
        assertThat(known.stream()
                        .filter(k -> !KernelName.of(k.name()).category().equals(k.category()))
                        .map(k -> k.category() + ", not "
                                + KernelName.of(k.name()).category() + ": " + k.name()))
                .isEmpty();
    }

    @Test
    void theAnswerNamesEveryClass() throws IOException {
        String text = resource("/dev/hourglass/core/analysis/gpu/categories.sql");
        assertThat(List.of(text.lines()
                        .filter(line -> line.startsWith("-- @column   category"))
                        .findFirst()
                        .orElseThrow()
                        .replaceFirst("-- @column +category +", "")
                        .split(", | or ")))
                .containsAll(KernelName.categories());
    }

    @Test
    void aNatureIsToldOfClassesThatExist() throws IOException {
        String text = resource("/dev/hourglass/core/query/kernel-natures.txt");
        assertThat(text.lines().filter(line -> !line.startsWith("#")).map(line -> line.split(" \\| ")[0]))
                .isNotEmpty()
                .isSubsetOf(KernelName.categories());
    }

    @Test
    void everyRuleHasItsReason() throws IOException {
        for (String file : List.of("kernel-classes.txt", "kernel-natures.txt")) {
            assertThat(resource("/dev/hourglass/core/query/" + file).lines().filter(line -> !line.startsWith("#")))
                    .allSatisfy(line -> assertThat(line.split(" \\| ")).hasSize(4));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "void at::native::vectorized_elementwise_kernel<8, at::native::CUDAFunctor_add<float>, std::array<char*, 3ul> >(int)"
                        + " | vectorized_elementwise_kernel CUDAFunctor_add<float>",
                "void at::native::elementwise_kernel<(int)128, (int)4, void at::native::gpu_kernel_impl_nocast<"
                        + "at::native::direct_copy_kernel_cuda(at::TensorIteratorBase &)::[lambda() (instance 3)]::operator ()() const"
                        + "::[lambda(c10::BFloat16) (instance 1)]>(at::TensorIteratorBase &)>(int, T3)"
                        + " | elementwise_kernel direct_copy_kernel_cuda<BFloat16>",
                "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::func_wrapper_t<float,"
                        + " at::native::sum_functor<float> > > >(int) | reduce_kernel sum_functor<float>",
                "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float> >(int) | reduce_kernel",
                "void at::native::index_elementwise_kernel<128, 4, at::native::gpu_index_kernel<at::native::index_kernel_impl<"
                        + "at::native::OpaqueType<2> > > >(int) | index_elementwise_kernel index_kernel_impl<OpaqueType 2>",
                "void cutlass::Kernel2<cutlass_80_simt_sgemm_128x32_8x5_nn_align1>(T1::Params) | cutlass_80_simt_sgemm_128x32_8x5_nn_align1",
                "void cutlass::device_kernel<flash::FlashAttnFwdCombine<cute::tuple<cute::C<16>, cute::C<64> >, 5, 256> >(int)"
                        + " | FlashAttnFwdCombine 16x64",
                "void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2,"
                        + " cute::tuple<cute::C<1>, cute::C<1>, cute::C<1> >, cute::tuple<cute::C<64>, cute::C<192>, cute::C<64> >, 64> > > >"
                        + " | FlashAttnFwdSm90 64x192x64",
                "void ck_tile::kentry<1, ck_tile::Rmsnorm2dFwd<ck_tile::X> > | Rmsnorm2dFwd",
                "_ZN7cutlass13device_kernelIN2at4cuda6detail25enable_3x_kernel_for_sm9xINS_4gemm6kernel13GemmUniversalINS5_17GroupProblemShapeI"
                        + "N4cute5tupleIJiiiEEEEENS_10collectiveINSA_IJNS9_1CILi64EEENSG_ILi128EEEEEEEEEEEEvv | GemmUniversal grouped",
                "_ZN7cutlass13device_kernelIN2at4cuda6detailE | cutlass::device_kernel",
                "_ZN2at6native29vectorized_elementwise_kernelILi4ENS0_15CUDAFunctor_addIfEEEvT0_"
                        + " | at::native::vectorized_elementwise_kernel CUDAFunctor_add<float>",
                "_Z27moe_align_block_size_kernelIiEvPKT_PiS3_S3_iimS3_bii | moe_align_block_size_kernel",
                "_ZN12_GLOBAL__N_13fooEv | foo",
                "void deep_ep::internode_ll::combine<false, 6144>(void*) | internode_ll::combine",
                "std::enable_if<!T7, void>::type internal::gemvx::kernel<int, int, (bool)0>(T13) | gemvx::kernel",
                "std::enable_if<((8) > (0))&&vllm::X<c10::BFloat16>::exists, void>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(int)"
                        + " | fused_add_rms_norm_kernel",
                "void at::native::(anonymous namespace)::indexSelectSmallIndex<float, long>(int) [clone .kd] | indexSelectSmallIndex",
                "a name of another tool | a name of another tool",
                "memcpy32_post | memcpy32_post",
                "'' | ''",
            })
    void keepsWhatAWrapperWraps(String name, String brief) {
        assertThat(KernelName.of(name).shortName()).isEqualTo(brief);
    }

    @Test
    void tellsNamesOfOneSessionApartByWhatDiffers() {
        String attention =
                "void cutlass::device_kernel<flash::FlashAttnFwdSm90<cute::tuple<cute::C<64>, cute::C<192>, cute::C<64> >, 64,"
                        + " %s, false, %s> >(flash::FlashAttnFwdSm90<%1$s>::Params)";
        assertThat(shortNames(
                        attention.formatted("true", "false"),
                        attention.formatted("false", "true"),
                        "void marlin::Marlin<1l, 128>(int4 const*)",
                        "void moe_wna16::detail::Marlin<1l, 128>(int4 const*)",
                        "void sort<-2, -1>(int)",
                        "void sort<2, -1>(int)",
                        "void alone<1>(int)",
                        "void same<1>(int)",
                        "void same<1>(long)"))
                .containsExactly(
                        "FlashAttnFwdSm90 64x192x64 [true false]",
                        "FlashAttnFwdSm90 64x192x64 [false true]",
                        "Marlin [marlin]",
                        "Marlin [moe wna16 detail]",
                        "sort [-2]",
                        "sort [2]",
                        "alone",
                        "same",
                        "same #2");
    }

    @Test
    void noTwoNamesShareAShortName() throws IOException {
        List<String> names = known().stream().map(Known::name).toList();
        List<String> brief = shortNames(names.toArray(String[]::new));
        assertThat(brief).doesNotHaveDuplicates();
        assertThat(shortNames(names.reversed().toArray(String[]::new))).containsExactlyElementsOf(brief.reversed());
        assertThat(brief).allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(ShortName.LONGEST + 50));
    }

    @Test
    void namesThatImitateTheNumbersOfOthersStayApart() {
        assertThat(shortNames("void f<1>(int)", "void f<1>(long)", "f #2", "f #3", "void f<1>(char)"))
                .doesNotHaveDuplicates()
                .contains("f #2", "f #3");
    }

    @Test
    void differencesAreCut() {
        List<String> names = IntStream.range(0, 3)
                .mapToObj(i -> "void f<" + ("a" + i).repeat(50) + i + ", 1, 2, 3>(int)")
                .toList();
        assertThat(shortNames(names.toArray(String[]::new)))
                .doesNotHaveDuplicates()
                .allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(50));
    }

    @ParameterizedTest
    @CsvSource({
        "'_Z'",
        "'_ZN99999x'",
        "'_ZN3'",
        "''",
        "'<'",
        "'('",
        "'void '",
        "'<img onerror=alert(1)>'",
        "'_ZNL1'",
        "'_ZS'",
        "'::'",
        "'a::'"
    })
    void survivesAnyName(String name) {
        assertThat(KernelName.of(name).shortName()).isNotNull();
    }

    /// Of each a whole name of [#LONG] characters is made: what grew with the square of a word would never end here.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Op",
                "a",
                "_",
                "<",
                "(",
                ">",
                "<(",
                "::",
                "1x",
                "x1",
                " ",
                "_ZN1a",
                "9",
                "S",
                "tuple 64 ",
                "moe",
                "a1_"
            })
    void readsLongNames(String part) {
        for (String front : List.of("", "_Z", "void elementwise_kernel<", "void device_kernel<")) {
            String name = front + part.repeat(LONG / part.length());
            assertThat(KernelName.of(name).shortName()).hasSizeLessThanOrEqualTo(ShortName.LONGEST);
            assertThat(KernelName.of(List.of(name, name + "b", name + "<c>")))
                    .allSatisfy(read -> assertThat(read.shortName()).hasSizeLessThanOrEqualTo(ShortName.LONGEST + 50))
                    .extracting(KernelName::shortName)
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a"})
    void cutsBetweenCharacters(String front) {
        String brief =
                KernelName.of(front + "\uD83D\uDE00".repeat(ShortName.LONGEST)).shortName();
        assertThat(new String(brief.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(brief)
                .endsWith("…");
    }

    private static List<String> shortNames(String... names) {
        return KernelName.of(List.of(names)).stream().map(KernelName::shortName).toList();
    }

    private static List<Known> known() throws IOException {
        return resource("/kernel-names.txt")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("\t"))
                .map(cells -> new Known(cells[0], cells[1], cells[2]))
                .toList();
    }

    private static String resource(String path) throws IOException {
        try (InputStream in = Objects.requireNonNull(KernelNameTest.class.getResourceAsStream(path))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
