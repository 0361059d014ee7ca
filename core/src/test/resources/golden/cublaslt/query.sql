SELECT function, m, n, k, batch, trans_a, a_type, algorithm, tile, epilogue, flops FROM gemm ORDER BY sequence;
