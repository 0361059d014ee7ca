-- Does the GPU spend time on communication that no compute hides?
-- @needs    device_op
-- @bound    communication
-- @param    limit        0.15   share of the time from which it is a warning
-- @param    severe       0.40   share from which it is critical
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   share [ratio]       communication that no compute hides, of the stage's time, waits for other ranks left out
-- @column   time [ns]           that time per step
-- @column   calls [count]       communication kernels and peer copies per step
-- @column   kernel              the one that takes most time
-- @column   waited [ns]         per step, beside it: waiting for other ranks of the session inside collectives; 0 where there are none
-- @column   wall [ns]           mean wall of a step
-- @column   gain [ratio]        what hiding it behind compute would save at most
-- @column   severity            info, warning or critical
-- @finding  {stage} on GPU {device} spends {share} of its time in communication that no compute hides: {calls} operations per step, most of the time in {kernel}
-- @remedy   Communicate less: a smaller tensor-parallel degree with more replicas, quantised all-to-all, and the fastest link (NVLink before PCIe). [comm_overlap] Let it run beside compute or fuse it.
-- @gain     at most: the smaller of the communication that nothing hides, without waits for other ranks, and the compute that hides none yet
WITH comm AS (
  SELECT s.stage, o.device, o.source_id, o.short_name, count(*) AS calls, sum(o.end_ts - o.ts) AS dur
  FROM device_op o
  JOIN step_op so ON so.id = o.id
  JOIN usual_step s ON s.step = so.step AND s.device = o.device AND s.source_id = o.source_id
  WHERE o.class = 'comm'
  GROUP BY ALL),
     per AS (
  SELECT stage, device, source_id, sum(calls) AS calls, max_by(short_name, (dur, short_name)) AS kernel FROM comm GROUP BY ALL)
SELECT t.stage, t.device, t.source_id, t.communication * 1e0 / t.total AS share, t.communication * 1e0 / t.steps AS time,
       coalesce(p.calls, 0) * 1e0 / t.steps AS calls, coalesce(p.kernel, '-') AS kernel, coalesce(w.waited, 0) AS waited, t.wall * 1e0 / t.steps AS wall,
       least(t.communication, greatest(0, t.compute - coalesce(t.hidden, 0))) * 1e0 / t.total AS gain,
       CASE WHEN t.communication * 1e0 / t.total >= $severe THEN 'critical'
            WHEN t.communication * 1e0 / t.total >= $limit THEN 'warning'
            WHEN t.communication * 1e0 / t.total >= 0.03 THEN 'info' END AS severity
FROM stage_time t
LEFT JOIN per p ON p.stage = t.stage AND p.device = t.device AND p.source_id = t.source_id
LEFT JOIN rank_wait w ON w.stage = t.stage AND w.source_id = t.source_id AND w.device = t.device
WHERE t.wall > 0 AND t.ops > 0
ORDER BY t.communication DESC, t.stage, t.device, t.source_id
