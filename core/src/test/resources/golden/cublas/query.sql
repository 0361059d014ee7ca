SELECT sequence, function, m, n, k, batch, trans_a, trans_b, a_type, compute_type, algorithm, flops FROM gemm ORDER BY sequence;
SELECT ts, pid, tid, stream FROM gemm WHERE sequence = 0;
SELECT time_base, align_method FROM source;
