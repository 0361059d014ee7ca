-- What share of the machine's peaks do prefill and decode reach?
-- @needs    step_work, op_cost
-- @column   phase                    prefill or decode
-- @column   steps [count]            timed steps
-- @column   step_ns [ns]             mean wall time of a step
-- @column   flops [FLOP]             FLOP of a step, serving convention, mean
-- @column   bytes [B]                bytes that a step must move, mean
-- @column   mfu [ratio]              time of the FLOP at the peaks of their formats / wall time; NULL where the peak of one of them is not known
-- @column   mbu [ratio]              time of the bytes at the bandwidth / wall time; NULL where no bandwidth is known
-- @column   attainment [ratio]       sum over operators of the larger of both / wall time
-- @column   mfu_busy [ratio]         as mfu, over the time in which the GPU worked; NULL where not recorded
-- @column   mbu_busy [ratio]         as mbu, over the time in which the GPU worked; NULL where not recorded
-- @column   given                    what the user gave because the recording does not tell
SELECT w.phase,
       count(*) AS steps,
       avg(w.dur) AS step_ns,
       avg(c.flops) AS flops,
       avg(c.bytes) AS bytes,
       sum(c.compute_ns) / nullif(sum(w.dur) FILTER (c.compute_ns IS NOT NULL), 0) AS mfu,
       sum(c.memory_ns) / nullif(sum(w.dur) FILTER (c.memory_ns IS NOT NULL), 0) AS mbu,
       sum(c.least_ns) / nullif(sum(w.dur) FILTER (c.least_ns IS NOT NULL), 0) AS attainment,
       sum(c.compute_ns) FILTER (w.busy_ns > 0) / nullif(sum(w.busy_ns) FILTER (c.compute_ns IS NOT NULL), 0) AS mfu_busy,
       sum(c.memory_ns) FILTER (w.busy_ns > 0) / nullif(sum(w.busy_ns) FILTER (c.memory_ns IS NOT NULL), 0) AS mbu_busy,
       coalesce(string_agg(DISTINCT nullif(w.given, ''), '; ' ORDER BY nullif(w.given, '')), '') AS given
FROM step_work w
JOIN (SELECT shape, sum(flops) AS flops, sum(bytes) AS bytes,
             CASE WHEN count(compute_ns) = count(*) THEN sum(compute_ns) END AS compute_ns,
             CASE WHEN count(memory_ns) = count(*) THEN sum(memory_ns) END AS memory_ns,
             CASE WHEN count(least_ns) = count(*) THEN sum(least_ns) END AS least_ns
      FROM op_cost GROUP BY shape) c USING (shape)
GROUP BY w.phase
ORDER BY w.phase DESC
