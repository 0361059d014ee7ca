package dev.hourglass.core.read.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceTables;
import org.junit.jupiter.api.Test;

/// Excerpts of the logs of cuBLAS 13.1 under PyTorch 2.11 on an H100, written with
/// `CUBLAS_LOGINFO_DBG=1` and `CUBLASLT_LOG_LEVEL=5`.
final class GemmLogReaderTest {
    @Test
    void readsTheProductsOfACublasLog() {
        Imported log = Imported.of(new CublasLogReader(), "cublas.log", Imported.resource("/golden/cublas/cublas.log"));

        assertThat(log.table(
                        TraceTables.GEMM,
                        "sequence",
                        "function",
                        "m",
                        "n",
                        "k",
                        "batch",
                        "trans_a",
                        "trans_b",
                        "a_type",
                        "compute_type",
                        "algorithm",
                        "flops"))
                .containsExactly(
                        "0 | cublasGemmEx | 14336 | 1 | 4096 | 1 | N | N | R_16BF | COMPUTE_32F | GEMM_DEFAULT_TENSOR_OP | 117440512",
                        "1 | cublasGemmEx | 14336 | 512 | 4096 | 1 | N | N | R_16BF | COMPUTE_32F | GEMM_DEFAULT_TENSOR_OP | 60129542144",
                        "2 | cublasGemmStridedBatchedEx | 512 | 512 | 128 | 16 | T | N | R_16F | COMPUTE_32F | GEMM_DEFAULT_TENSOR_OP | 1073741824");
        assertThat(log.table(TraceTables.GEMM, "ts", "pid", "tid", "stream").getFirst())
                .isEqualTo("1795303258000000000 | 542 | 140375922020672 | 0x0");
        assertThat(log.losses()).containsExactly("info other_call 1");
        assertThat(log.context().clock().method()).isEqualTo(SourceClock.Method.UNALIGNED);
    }

    @Test
    void readsTheProductsOfACublasLtLog() {
        Imported log = Imported.of(
                new CublasLtLogReader(), "cublaslt.log", Imported.resource("/golden/cublaslt/cublaslt.log"));

        assertThat(log.table(
                        TraceTables.GEMM,
                        "function",
                        "m",
                        "n",
                        "k",
                        "batch",
                        "trans_a",
                        "a_type",
                        "algorithm",
                        "tile",
                        "epilogue",
                        "flops"))
                .containsExactly(
                        "cublasLtTSTMatmul | 14336 | 1 | 4096 | 1 | N | R_16BF | algoId=66 stages=64xAUTO customOption=1 clusterShape=4x1x1 | 192x8 | - | 117440512",
                        "cublasLtTSTMatmul | 14336 | 8 | 4096 | 1 | N | R_16BF | algoId=66 stages=64xAUTO customOption=1 clusterShape=4x1x1 | 192x8 | - | 939524096",
                        "cublasLtTSTMatmul | 14336 | 512 | 4096 | 1 | N | R_16BF | algoId=66 stages=64xAUTO customOption=7 clusterShape=1x2x1 | 256x128 | - | 60129542144",
                        "cublasLtMatmul | 6144 | 1 | 4096 | 1 | T | R_16BF | algoId=66 stages=64xAUTO customOption=1 clusterShape=4x1x1 | 64x8 | BIAS | 50331648",
                        "cublasLtMatmul | 6144 | 512 | 4096 | 1 | T | R_16BF | algoId=66 stages=64xAUTO customOption=7 clusterShape=1x2x1 | 192x128 | BIAS | 25769803776",
                        "cublasLtHSHMatmul | 512 | 512 | 128 | 16 | T | R_16F | algoId=66 stages=64xAUTO customOption=4 clusterShape=2x1x1 | 128x256 | - | 1073741824");
        assertThat(log.loss("other_call")).isPresent();
        assertThat(log.loss("truncated")).isEmpty();
    }

    @Test
    void saysThatTheLevelApiShowsNoShapes() {
        Imported log = Imported.of(
                new CublasLtLogReader(),
                "[cublasLt][542][Api][cublasLtMatmul] A=0X7FA8 Adesc=0X7FFE Ddesc=0X7FFE computeDesc=0X7 stream=0X0\n");

        assertThat(log.rows(TraceTables.GEMM)).isEmpty();
        assertThat(log.losses()).containsExactly("notice product_without_shape 1");
        assertThat(log.context().clock()).isEqualTo(SourceClock.none());
    }

    @Test
    void readsOldAndDamagedLines() {
        Imported old = Imported.of(
                new CublasLogReader(),
                "I! cuBLAS (v11.0) function cublasStatus_t cublasSgemm_v2(cublasHandle_t, int) called\nnoise of the program\ni!  m: type=int; val\n");

        assertThat(old.table(TraceTables.GEMM, "function", "m", "a_type", "flops"))
                .containsExactly("cublasSgemm_v2 | - | R_32F | -");
        assertThat(old.losses())
                .containsExactly("notice foreign_line 1", "data_loss damaged_line 1", "notice product_without_shape 1");
    }

    @Test
    void givesNoFlopsWhereTheProductDoesNotFit() {
        String huge =
                "[cublasLt][1][Trace][cublasLtMatmul] Adesc=[rows=1 cols=9000000000] Ddesc=[rows=9000000000 cols=9000000000] computeDesc=[]\n";

        assertThat(Imported.of(new CublasLtLogReader(), huge).table(TraceTables.GEMM, "m", "k", "flops"))
                .containsExactly("9000000000 | 9000000000 | -");
    }
}
