-- What share of the machine's peaks do prefill and decode reach?
-- @needs    step_work, op_cost
-- @column   phase                    prefill or decode
-- @column   steps [count]            timed steps
-- @column   step_ns [ns]             mean time of a step, as in worked_step
-- @column   devices [count]          GPUs that took part in a step, mean; shares are of all of them together
-- @column   flops [FLOP]             FLOP of a step, serving convention, mean
-- @column   bytes [B]                bytes that a step must move, mean
-- @column   mfu [ratio]              time of the FLOP at the peaks of their formats / time of the steps; NULL where the peak of one of them is not known
-- @column   mbu [ratio]              time of the bytes at the bandwidth / time of the steps; NULL where no bandwidth is known
-- @column   attainment [ratio]       sum over operators of the larger of both / time of the steps; NULL where neither peak is known
-- @column   mfu_busy [ratio]         as mfu, over the time in which the GPU worked; NULL where not recorded
-- @column   mbu_busy [ratio]         as mbu, over the time in which the GPU worked; NULL where not recorded
-- @column   formats                  number formats of its arithmetic, that with most first
-- @column   given                    what the user gave because the recording does not tell
WITH work AS (SELECT *, dur * coalesce(devices, 1) AS room, busy_ns * coalesce(devices, 1) AS busy FROM step_work),
     told AS (
  SELECT w.phase, c.format, sum(c.flops) AS flops
  FROM work w
  JOIN op_cost c USING (shape)
  WHERE c.format IS NOT NULL
  GROUP BY ALL)
SELECT w.phase,
       count(*) AS steps,
       avg(w.dur) AS step_ns,
       avg(coalesce(w.devices, 1)) AS devices,
       avg(c.flops) AS flops,
       avg(c.bytes) AS bytes,
       sum(c.compute_ns) / nullif(sum(w.room) FILTER (c.compute_ns IS NOT NULL), 0) AS mfu,
       sum(c.memory_ns) / nullif(sum(w.room) FILTER (c.memory_ns IS NOT NULL), 0) AS mbu,
       sum(c.least_ns) / nullif(sum(w.room) FILTER (c.least_ns IS NOT NULL), 0) AS attainment,
       sum(c.compute_ns) FILTER (w.busy > 0) / nullif(sum(w.busy) FILTER (c.compute_ns IS NOT NULL), 0) AS mfu_busy,
       sum(c.memory_ns) FILTER (w.busy > 0) / nullif(sum(w.busy) FILTER (c.memory_ns IS NOT NULL), 0) AS mbu_busy,
       (SELECT string_agg(t.format, ', ' ORDER BY t.flops DESC, t.format) FROM told t WHERE t.phase = w.phase) AS formats,
       coalesce(string_agg(DISTINCT nullif(w.given, ''), '; ' ORDER BY nullif(w.given, '')), '') AS given
FROM work w
JOIN (SELECT shape, sum(flops) AS flops, sum(bytes) AS bytes,
             CASE WHEN count(compute_ns) = count(*) THEN sum(compute_ns) END AS compute_ns,
             CASE WHEN count(memory_ns) = count(*) THEN sum(memory_ns) END AS memory_ns,
             CASE WHEN count(least_ns) = count(*) THEN sum(least_ns) END AS least_ns
      FROM op_cost GROUP BY shape) c USING (shape)
GROUP BY w.phase
ORDER BY w.phase DESC
