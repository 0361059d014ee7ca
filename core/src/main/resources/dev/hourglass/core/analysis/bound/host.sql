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
-- @column   stacks                whether Python's stacks were recorded, which takes time of the host itself
-- @column   gain [ratio]         what would be saved at most if that code ran while the GPU works
-- @column   severity             info, warning or critical
-- @finding  {stage} on GPU {device} waits for other code on the host {share} of its time: {inside} within each step and {between} between steps, beside a step of {wall}; recorded {stacks}
-- @remedy   [no_stacks if stacks] The recording has stacks, which take time of the host itself: record again without them before changing anything. [async] Take the work off the critical path: schedule the next step while the GPU runs this one. [unless apart] Move detokenising and logging to another thread or process. [batch] It is paid once per step: serve more sequences in each. [stacks unless stacks] Look at the Python functions in the gaps: record with stacks, of few steps. [if stacks] op/call_paths and the timeline show the functions.
-- @gain     at most, if that code ran beside GPU work: the smaller of the idle time in it and the time in which the GPU is busy
WITH function AS (
  SELECT h.step, count(*) AS n
  FROM slice s
  ASOF JOIN host_step h ON h.track_id = s.track_id AND s.ts >= h.ts
  WHERE s.category = 'python_function' AND s.ts < h.end_ts
  GROUP BY h.step),
     stacked AS (
  SELECT u.stage, u.device, u.source_id, sum(f.n) AS n
  FROM usual_step u
  JOIN function f ON f.step = u.step
  GROUP BY ALL)
SELECT stage, device, source_id, host * 1e0 / total AS share, host * 1e0 / steps AS time, (host - gap_host) * 1e0 / steps AS inside,
       gap_host * 1e0 / steps AS "between", wall * 1e0 / steps AS wall,
       CASE WHEN n > 0 THEN 'with stacks, ' || round(n * 1e0 / steps)::BIGINT || ' functions of Python per step: that takes time of the host itself, so hold the time from token to token against an unrecorded run'
            ELSE 'without stacks' END AS stacks, least(host, busy) * 1e0 / total AS gain,
       CASE WHEN host * 1e0 / total >= $severe THEN 'critical' WHEN host * 1e0 / total >= $limit THEN 'warning'
            WHEN host * 1e0 / total >= 0.03 THEN 'info' END AS severity
FROM stage_time
LEFT JOIN stacked USING (stage, device, source_id)
WHERE wall > 0 AND ops > 0
ORDER BY host DESC, stage, device, source_id
