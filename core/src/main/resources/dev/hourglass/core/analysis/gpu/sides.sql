-- On which side does a step's time pass, the GPU's or the host's?
-- @needs    device_op, launch
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   wall [ns]           mean wall of a step; the columns behind it up to rest are apart from each other and add up to it
-- @column   gpu [ns]            GPU busy with work for which the host waits, or that holds back work already issued
-- @column   beside [ns]         GPU busy while the host was still issuing what follows, which then began late
-- @column   launch [ns]         GPU idle, the host inside operators and launch calls
-- @column   sync [ns]           GPU idle after waits of the host
-- @column   host [ns]           GPU idle, the host in other code
-- @column   rest [ns]           GPU idle with work queued, or unknown
-- @column   gpu_share [ratio]   of the wall, on the GPU's side: gpu
-- @column   host_share [ratio]  of the wall, on the host's side: beside, launch, sync and host
WITH gap AS (
  SELECT t.step, t.device, t.source_id, t.belongs, t.ts AS step_ts, g.ts, g.end_ts, g.cause
  FROM gpu_gap g
  JOIN step_time t ON t.step = g.step AND t.device = g.device AND t.source_id = g.source_id
  WHERE t.judged AND t.stage <> 'between'),
     segment AS (
  SELECT step, device, source_id, cause,
         ts - coalesce(lag(end_ts) OVER (PARTITION BY step, device, source_id ORDER BY ts), step_ts) AS busy
  FROM gap),
     late AS (
  SELECT step, device, source_id, TRY_CAST(sum(busy) AS BIGINT) AS beside FROM segment WHERE cause = 'issue' GROUP BY ALL),
     step AS (
  SELECT t.belongs AS stage, t.device, t.wall, t.busy, t.launch, t.sync, t.host, t.rest, coalesce(l.beside, 0) AS beside
  FROM step_time t
  LEFT JOIN late l ON l.step = t.step AND l.device = t.device AND l.source_id = t.source_id
  WHERE t.judged AND t.stage <> 'between')
SELECT stage, device, avg(wall) AS wall, avg(busy - beside) AS gpu, avg(beside) AS beside, avg(launch) AS launch, avg(sync) AS sync,
       avg(host) AS host, avg(rest) AS rest, sum(busy - beside) * 1e0 / nullif(sum(wall), 0) AS gpu_share,
       sum(beside + launch + sync + host) * 1e0 / nullif(sum(wall), 0) AS host_share
FROM step
GROUP BY stage, device
ORDER BY sum(wall) DESC, stage, device
