-- Which matrix products run, in which shapes, and how fast?
-- @needs    gemm_call
-- @param    rows         100        how many are listed
-- @column   stage                   stage whose steps issued it; outside for work outside all steps
-- @column   operator                framework operator
-- @column   m [count]               rows of the result, for most products the tokens
-- @column   n [count]               columns of the result
-- @column   k [count]               length of the inner dimension
-- @column   batch [count]           products in one call
-- @column   dtype                   number format
-- @column   calls [count]           how often
-- @column   total [ns]              device time
-- @column   mean [ns]               mean device time of a call
-- @column   rate [FLOP/s]           arithmetic over device time
-- @column   bandwidth [B/s]         both matrices and the result, each once, over device time
-- @column   intensity [FLOP/B]      arithmetic over those bytes
-- @column   aligned                 whether n and k are multiples of 8, as tensor cores want them for 16-bit formats
-- @column   kernel                  what computes it most often
SELECT coalesce(h.belongs, 'outside') AS stage, g.operator, g.m, g.n, g.k, g.batch, g.dtype, count(*) AS calls,
       TRY_CAST(sum(g.dur) AS BIGINT) AS total, avg(g.dur) AS mean, sum(g.flops) * 1e9 / nullif(sum(g.dur), 0) AS rate,
       sum(g.bytes) * 1e9 / nullif(sum(g.dur), 0) AS bandwidth, sum(g.flops) * 1e0 / sum(g.bytes) AS intensity,
       g.n % 8 = 0 AND g.k % 8 = 0 AS aligned, mode(g.kernel) AS kernel
FROM gemm_call g
LEFT JOIN host_step h ON h.step = g.step
GROUP BY h.belongs, g.operator, g.m, g.n, g.k, g.batch, g.dtype
ORDER BY total DESC, stage, m, n, k, batch, operator, dtype
LIMIT $rows
