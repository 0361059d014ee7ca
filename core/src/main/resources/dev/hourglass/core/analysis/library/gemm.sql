-- Which matrix products do the libraries' logs tell of, in which shapes, formats and algorithms?
-- @needs    gemm
-- @param    rows         100        how many are listed
-- @column   library                 cublas or cublaslt
-- @column   m [count]               rows of the result, as the library counts (column-major)
-- @column   n [count]               columns of the result, as the library counts; for most products the tokens
-- @column   k [count]               length of the inner dimension
-- @column   batch [count]           products in one call
-- @column   formats                 number format of A, B and the result, each where they differ, and that of the sums
-- @column   algorithm               algorithm and tile, as the log describes them; NULL where the library chose silently
-- @column   epilogue                what is applied to the result; NULL for nothing
-- @column   calls [count]           how often
-- @column   flops [FLOP]            arithmetic of all these calls; the logs have no durations
-- @column   share [ratio]           of the arithmetic of all products in the logs
-- @column   aligned                 whether m and k are multiples of 8, as tensor cores want them for 16-bit formats
SELECT library, m, n, k, batch,
       if(a_type = b_type AND b_type = d_type, a_type, concat_ws(' ', a_type, b_type, d_type))
           || coalesce(', sums ' || compute_type, '') AS formats,
       nullif(concat_ws(' ', algorithm, tile), '') AS algorithm, epilogue, count(*) AS calls,
       TRY_CAST(sum(flops) AS BIGINT) AS flops, sum(flops) * 1e0 / nullif(sum(sum(flops)) OVER (), 0) AS share,
       m % 8 = 0 AND k % 8 = 0 AS aligned
FROM gemm
GROUP BY ALL
ORDER BY flops DESC, library, m, n, k, batch, formats, algorithm, epilogue
LIMIT $rows
