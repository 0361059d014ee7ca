-- How long is it from token to token in each stage, and where does that time go?
-- @needs    device_op
-- @column   stage                   which stage
-- @column   steps [count]           recorded steps with device work, those that ranks take together counted once
-- @column   periods [count]         judged periods of them: n steps one after the other have n - 1
-- @column   devices [count]         GPUs
-- @column   first_only              whether the only step is the first one of the recording, in which the recorder itself starts
-- @column   told                    what the period is: next, from a step of the stage to the next; other, from the step before it, which is of another stage; wall, only the wall of its steps
-- @column   period [ns]             mean time from token to token: from the end of a step's device work to that of the next
-- @column   stddev [ns]             sample standard deviation over steps
-- @column   min [ns]                shortest
-- @column   p50 [ns]                median
-- @column   p90 [ns]                90th percentile; NULL below 10 samples
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   max [ns]                longest
-- @column   wall [ns]               mean wall of a step: from its start on the host to the end of its work
-- @column   usual [count]           periods that are usual: not longer than three medians. The columns behind it are means of these
-- @column   usual_period [ns]       their mean
-- @column   busy_ratio [ratio]      GPU busy, of the period
-- @column   compute [ns]            kernels run
-- @column   communication [ns]      communication that nothing hides
-- @column   copy [ns]               copies between host and device that nothing hides
-- @column   launch [ns]             idle inside operators and launch calls
-- @column   sync [ns]               idle that a wait caused
-- @column   host [ns]               idle while other code runs on the host
-- @column   rest [ns]               idle with work queued, while another GPU is awaited, while code is compiled, through the recording, or unknown
-- @column   peer [ns]               of rest: another GPU is awaited
-- @column   between [ns]            from the end of a step's wall to the start of the next one's
-- @column   tokens [tokens]         mean tokens of a step; NULL where the annotation does not tell
-- @column   rate [tokens/s]         tokens over periods, the whole batch; NULL where the tokens are not told
-- @column   interrupted [count]     steps behind one of the same stage with a step of another stage between the two
-- @column   interval [ns]           mean time from token to token of these
-- @column   kernels [count]         mean kernels of a period, all GPUs
-- @column   launches [count]        mean calls that issued device work
WITH step AS (
  SELECT c.stage, c.counted, c.counted_source, any_value(h.first) AS first, min(p.told) AS told, avg(p.period) AS period, avg(p.wall) AS wall, bool_or(p.usual) AS usual,
         avg(p.busy) AS busy, avg(p.compute) AS compute, avg(p.communication) AS communication, avg(p.copy) AS copy,
         avg(p.launch) AS launch, avg(p.sync) AS sync, avg(p.host) AS host, avg(p.rest) AS rest, avg(p.peer) AS peer, avg(p."between") AS gap,
         sum(p.kernels) AS kernels, sum(p.launches) AS launches, any_value(h.tokens) AS tokens
  FROM step_period p
  JOIN counted_step c ON c.step = p.step AND c.source_id = p.source_id
  JOIN host_step h ON h.step = p.step
  WHERE p.judged
  GROUP BY c.stage, c.counted, c.counted_source),
     lanes AS (
  SELECT stage, count(DISTINCT (source_id, device)) AS devices FROM step_period WHERE judged GROUP BY stage),
     apart AS (
  SELECT stage, max(steps) AS steps, avg(since) AS since
  FROM (SELECT stage, source_id, count(DISTINCT step) AS steps, avg(since) AS since
        FROM step_period
        WHERE since > period AND told <> 'wall'
        GROUP BY ALL)
  GROUP BY stage),
     ranks AS (SELECT count(rank) > 1 AND count(DISTINCT rank) = count(rank) AS told FROM source),
     recorded AS (
  SELECT stage, sum(steps) AS steps
  FROM (SELECT stage, CASE WHEN rank IS NOT NULL AND told THEN -1 ELSE source_id END AS run, max(steps) AS steps
        FROM (SELECT p.stage, p.source_id, any_value(s.rank) AS rank, any_value(r.told) AS told,
                     coalesce(nullif(count(DISTINCT p.step) FILTER (p.ops > 0), 0), count(DISTINCT p.step)) AS steps
              FROM step_period p
              CROSS JOIN ranks r
              LEFT JOIN source s ON s.id = p.source_id
              GROUP BY p.stage, p.source_id)
        GROUP BY ALL)
  GROUP BY stage)
SELECT s.stage, TRY_CAST(any_value(n.steps) AS BIGINT) AS steps, count(*) AS periods, any_value(l.devices) AS devices, bool_and(s.first) AS first_only, min(s.told) AS told, avg(s.period) AS period,
       coalesce(stddev_samp(s.period), 0) AS stddev, min(s.period) AS min, quantile_cont(s.period, 0.5) AS p50,
       percentile(s.period, 0.9) AS p90, percentile(s.period, 0.99) AS p99, max(s.period) AS max, avg(s.wall) AS wall,
       count(*) FILTER (s.usual) AS usual, avg(s.period) FILTER (s.usual) AS usual_period,
       sum(s.busy) FILTER (s.usual) * 1e0 / nullif(sum(s.period) FILTER (s.usual), 0) AS busy_ratio, avg(s.compute) FILTER (s.usual) AS compute,
       avg(s.communication) FILTER (s.usual) AS communication, avg(s.copy) FILTER (s.usual) AS copy, avg(s.launch) FILTER (s.usual) AS launch,
       avg(s.sync) FILTER (s.usual) AS sync, avg(s.host) FILTER (s.usual) AS host, avg(s.rest) FILTER (s.usual) AS rest, avg(s.peer) FILTER (s.usual) AS peer,
       avg(s.gap) FILTER (s.usual) AS "between", avg(s.tokens) AS tokens,
       sum(s.tokens) * 1e9 / nullif(sum(s.period) FILTER (s.tokens IS NOT NULL), 0) AS rate, coalesce(any_value(a.steps), 0) AS interrupted, any_value(a.since) AS "interval",
       avg(s.kernels) AS kernels, avg(s.launches) AS launches
FROM step s
JOIN lanes l ON l.stage = s.stage
JOIN recorded n ON n.stage = s.stage
LEFT JOIN apart a ON a.stage = s.stage
GROUP BY s.stage
ORDER BY sum(s.period) DESC, s.stage
