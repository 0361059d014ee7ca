-- Do waits inside the step let the GPU's queue run dry?
-- @needs    device_op, launch
-- @bound    sync
-- @param    limit       0.15   share of the time from which it is a warning
-- @param    severe      0.40   share from which it is critical
-- @column   stage              which stage
-- @column   device             GPU ordinal
-- @column   share [ratio]      idle from the end of the awaited work to the next work, of the stage's time
-- @column   time [ns]          that idle time per step
-- @column   refill [ns]        per step, idle time in launches while the queue fills again after such waits
-- @column   waits [count]      such waits per step
-- @column   each [ns]          mean idle time per wait
-- @column   call               the call that waits most often
-- @column   operator           the operator around that call; a dash where there is none
-- @column   wall [ns]          mean wall of a step
-- @column   stake [ratio]      share, and the time in which the queue fills again
-- @column   gain [ratio]       what would be saved without the waits
-- @column   severity           info, warning or critical
-- @finding  {stage} on GPU {device} loses {share} of its time to waits: {waits} per step, most often in {call} (operator around it: {operator}), after each of which the GPU is idle for {each}; while its queue fills again, launches cost {refill} more per step
-- @remedy   [later] Read results one step later, and synchronise once per step. Keep the value on the GPU: replace .item(), .cpu(), .tolist(), nonzero() and boolean masks in the step by tensor operations. [async] An engine that schedules ahead waits once per step.
-- @gain     at most: the idle time after waits and while the queue fills again, if the next work were queued before the wait
WITH gap AS (
  SELECT s.stage, g.device, g.source_id, CASE WHEN g.cause = 'sync' THEN g.ts ELSE g.end_ts END AS woken, g.sync,
         coalesce(o.launch_track, h.track_id) AS host
  FROM gpu_gap g
  JOIN usual_step s ON s.step = g.step AND s.device = g.device AND s.source_id = g.source_id
  JOIN host_step h ON h.step = g.step
  LEFT JOIN device_op o ON o.id = g.opener
  WHERE g.sync > 0),
     named AS (
  SELECT gap.stage, gap.device, gap.source_id, gap.sync, w.name AS call, coalesce(p.name, '-') AS operator
  FROM gap
  ASOF LEFT JOIN host_wait w ON w.track_id = gap.host AND gap.woken >= w.ts
  LEFT JOIN slice c ON c.id = w.id
  LEFT JOIN slice p ON p.id = c.parent_id AND p.category = 'cpu_op'),
     called AS (
  SELECT stage, device, source_id, call, operator, count(*) AS n FROM named GROUP BY ALL),
     again AS (
  SELECT s.stage, r.device, r.source_id, sum(r.refill) AS refill
  FROM sync_refill r
  JOIN usual_step s ON s.step = r.step AND s.device = r.device AND s.source_id = r.source_id
  GROUP BY ALL),
     per AS (
  SELECT n.stage, n.device, n.source_id, count(*) AS waits, sum(n.sync) AS sync, any_value(c.call) AS call, any_value(c.operator) AS operator
  FROM named n
  JOIN (SELECT * FROM called
        QUALIFY row_number() OVER (PARTITION BY stage, device, source_id ORDER BY n DESC, call, operator) = 1) c
    ON c.stage = n.stage AND c.device = n.device AND c.source_id = n.source_id
  GROUP BY ALL),
     rated AS (
  SELECT t.*, coalesce(a.refill, 0) AS refill, (t.sync + coalesce(a.refill, 0)) * 1e0 / t.total AS lost
  FROM stage_time t
  LEFT JOIN again a ON a.stage = t.stage AND a.device = t.device AND a.source_id = t.source_id
  WHERE t.wall > 0 AND t.ops > 0)
SELECT t.stage, t.device, t.source_id, t.sync * 1e0 / t.total AS share, t.sync * 1e0 / t.steps AS time,
       t.refill * 1e0 / t.steps AS refill, coalesce(p.waits, 0) * 1e0 / t.steps AS waits,
       coalesce(p.sync * 1e0 / p.waits, 0) AS each, coalesce(p.call, '-') AS call, coalesce(p.operator, '-') AS operator,
       t.wall * 1e0 / t.steps AS wall, t.lost AS stake, t.lost AS gain,
       CASE WHEN t.sync = 0 THEN NULL WHEN t.lost >= $severe THEN 'critical' WHEN t.lost >= $limit THEN 'warning'
            WHEN t.lost >= 0.03 THEN 'info' END AS severity
FROM rated t
LEFT JOIN per p ON p.stage = t.stage AND p.device = t.device AND p.source_id = t.source_id
ORDER BY t.lost DESC, t.stage, t.device, t.source_id
