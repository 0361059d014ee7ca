-- Does the GPU wait while the host runs other code?
-- @needs    device_op, launch
-- @bound    host
-- @param    limit         0.15   share of the time from which it is a warning
-- @param    severe        0.40   share from which it is critical
-- @column   stage                which stage
-- @column   device               GPU ordinal
-- @column   share [ratio]        idle while the host runs code that is neither operator, call nor wait, of the stage's time
-- @column   time [ns]            that idle time per step
-- @column   inside [ns]          of it within the step
-- @column   between [ns]         of it between the step and the next
-- @column   wall [ns]            mean wall of a step
-- @column   who                  in which parts of the engine most of it passes per step, and in which function of each
-- @column   stacks                whether Python's stacks were recorded, which takes time of the host itself
-- @column   gain [ratio]         what would be saved at most if that code ran while the GPU works
-- @column   severity             info, warning or critical
-- @finding  {stage} on GPU {device} waits for other code on the host {share} of its time: {inside} within each step and {between} between steps, beside a step of {wall}; {who}, recorded {stacks}
-- @remedy   [no_stacks if stacks] The recording has stacks, which take time of the host itself: record again without them before changing anything. [async] Take the work off the critical path: schedule the next step while the GPU runs this one. [unless apart] Move detokenising and logging to another thread or process. [batch] It is paid once per step: serve more sequences in each. [stacks unless stacks] Look at the Python functions in the gaps: record with stacks, of few steps. [if stacks] op/call_paths and the timeline show the functions.
-- @gain     at most, if that code ran beside GPU work: the smaller of the idle time in it and the time in which the GPU is busy
WITH function AS (
  SELECT h.step, count(*) AS n
  FROM slice s
  ASOF JOIN host_step h ON h.track_id = s.track_id AND s.ts >= h.ts
  WHERE s.category = 'python_function' AND s.ts < h.end_ts
  GROUP BY h.step),
     empty AS (
  -- What a call takes in the recording that takes nearly nothing in itself.
  SELECT t.source_id, median(s.dur) AS dur
  FROM slice s
  JOIN track t ON t.id = s.track_id
  WHERE s.name IN ('<built-in function len>', '<built-in function isinstance>') AND s.category = 'python_function'
  GROUP BY t.source_id),
     part AS (
  SELECT stage, device, source_id, layer, sum(self) AS dur, bool_or(kind = 'function') AS stacks, first(owner ORDER BY self DESC, owner) AS owner
  FROM (SELECT stage, device, source_id, layer, kind, owner, sum(self) AS self FROM host_work WHERE part = 'idle' AND kind IN ('function', 'annotation') AND NOT beneath GROUP BY ALL)
  GROUP BY ALL),
     ranked AS (
  SELECT p.*, s.steps, row_number() OVER (PARTITION BY p.stage, p.device, p.source_id ORDER BY p.dur DESC, p.layer) AS nth
  FROM part p
  JOIN stage_time s ON s.stage = p.stage AND s.device = p.device AND s.source_id = p.source_id
  WHERE p.dur > 0),
     named AS (
  SELECT stage, device, source_id, bool_or(stacks) AS stacks,
         string_agg(layer || ' (' || CASE WHEN dur < 1e6 * steps THEN round(dur / 1e3 / steps)::BIGINT || ' µs' ELSE round(dur / 1e6 / steps, 2) || ' ms' END
                    || ', ' || coalesce(nullif(split_part(owner, '): ', 2), ''), owner) || ' first)', ', ' ORDER BY nth) AS who
  FROM ranked
  WHERE nth <= 3
  GROUP BY ALL),
     stacked AS (
  SELECT u.stage, u.device, u.source_id, sum(f.n) AS n
  FROM usual_step u
  JOIN function f ON f.step = u.step
  GROUP BY ALL)
SELECT stage, device, source_id, host * 1e0 / total AS share, host * 1e0 / steps AS time, (host - gap_host) * 1e0 / steps AS inside,
       gap_host * 1e0 / steps AS "between", wall * 1e0 / steps AS wall,
       CASE WHEN w.who IS NOT NULL THEN 'most of it in ' || w.who ELSE 'which functions that is was not measured' END AS who,
       CASE WHEN n > 0 THEN 'with stacks, ' || round(n * 1e0 / steps)::BIGINT || ' functions of Python per step: that takes time of the host itself, '
                 || coalesce('an estimated ' || round(n * e.dur / 1e3 / steps)::BIGINT || ' µs per step (an empty call takes ' || round(e.dur)::BIGINT || ' ns in this recording), ', '')
                 || 'so hold the time from token to token against an unrecorded run'
            ELSE 'without stacks: record a few steps with them (with_stack=True), which takes time of the host itself' END AS stacks, least(host, busy) * 1e0 / total AS gain,
       CASE WHEN stage IN ('decode', 'traced step') AND EXISTS (FROM engine_split) THEN NULL -- decode/computed_on_cpu tells more
            WHEN host * 1e0 / total >= $severe THEN 'critical' WHEN host * 1e0 / total >= $limit THEN 'warning'
            WHEN host * 1e0 / total >= 0.03 THEN 'info' END AS severity
FROM stage_time
LEFT JOIN stacked USING (stage, device, source_id)
LEFT JOIN named w USING (stage, device, source_id)
LEFT JOIN empty e USING (source_id)
WHERE wall > 0 AND ops > 0
ORDER BY host DESC, stage, device, source_id
