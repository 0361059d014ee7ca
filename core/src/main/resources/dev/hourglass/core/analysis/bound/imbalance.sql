-- Do GPUs, ranks, streams or experts wait for the slowest of them?
-- @needs    device_op
-- @bound    imbalance
-- @param    limit        0.15   share of the time from which it is a warning
-- @param    severe       0.40   share from which it is critical
-- @param    compared     64     streams with most work of a step and GPU that every other one is held against
-- @param    weight       0.20   as in bound/device: what is lost is ranked together with the busy time that it is part of
-- @column   stage               which stage
-- @column   device              GPU that has most work
-- @column   among               what is uneven: GPUs, ranks, streams or experts
-- @column   members [count]     how many there are
-- @column   slowest             which has most work
-- @column   largest [ns]        busy time per step of the one with most work
-- @column   mean [ns]           mean busy time per step
-- @column   ratio [ratio]       largest over mean
-- @column   share [ratio]       largest less mean, of the stage's time
-- @column   time [ns]           that time per step
-- @column   stake [ratio]       by what it is ranked
-- @column   gain [ratio]        what an even share would save
-- @column   severity            info, warning or critical
-- @finding  {stage} is uneven among its {members} {among}: {slowest} is busy {largest} of each step, the mean is {mean}; the others wait for it
-- @remedy   [balance] Spread the work: experts by measured load. [] Requests by tokens and not by count over data-parallel ranks, layers by time over pipeline stages.
-- @gain     at most: busy time of the one with most work less the mean, of the stage's time: what remains if the same work is spread evenly and runs beside each other
WITH judged AS (
  SELECT DISTINCT step, stage, source_id FROM usual_step WHERE NOT "between"),
     span_of AS (
  SELECT stage, source_id, max(steps) AS steps, max(total) AS total FROM stage_time GROUP BY ALL),
     placed AS (
  SELECT j.stage, j.step, o.*, p.seq
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  JOIN judged j ON j.step = s.step
  JOIN host_step p ON p.step = s.step),
     shared AS (
  -- Only GPUs that take a step together wait for each other.
  SELECT DISTINCT stage, source_id, device
  FROM (SELECT stage, source_id, device, count(*) OVER (PARTITION BY step, source_id) AS gpus FROM step_period WHERE usual)
  WHERE gpus > 1),
     gpu AS (
  SELECT t.stage, t.source_id, t.device, sum(t.compute) * 1e0 / max(t.steps) AS work
  FROM stage_time t
  JOIN shared s ON s.stage = t.stage AND s.source_id = t.source_id AND s.device = t.device
  GROUP BY ALL),
     by_gpu AS (
  SELECT stage, source_id, 'GPUs' AS among, count(*) AS members, max(work) AS largest, avg(work) AS mean,
         max_by(device, (work, -device)) AS device
  FROM gpu
  GROUP BY ALL
  HAVING count(*) > 1),
     by_rank AS (
  -- Who waits least has most work: what the one that waits longest is busy, and how much longer that one waits.
  SELECT w.stage, min_by(w.source_id, (w.waited, w.source_id, w.device)) AS source_id, 'ranks' AS among, max(w.ranks) AS members,
         any_value(l.busy) + max(w.waited) - min(w.waited) AS largest, any_value(l.busy) + max(w.waited) - avg(w.waited) AS mean,
         min_by(w.device, (w.waited, w.source_id, w.device)) AS device
  FROM rank_wait w
  JOIN (SELECT w.stage, t.busy * 1e0 / t.steps AS busy
        FROM rank_wait w
        JOIN stage_time t ON t.stage = w.stage AND t.device = w.device AND t.source_id = w.source_id
        QUALIFY row_number() OVER (PARTITION BY w.stage ORDER BY w.waited DESC, w.source_id, w.device) = 1) l ON l.stage = w.stage
  GROUP BY w.stage
  HAVING count(*) > 1),
     lane AS (
  SELECT stage, source_id, device, stream, step, sum(end_ts - ts) AS work, min(ts) AS from_ts, max(end_ts) AS to_ts,
         list(DISTINCT short_name) AS names,
         row_number() OVER (PARTITION BY source_id, device, step ORDER BY sum(end_ts - ts) DESC, stream) AS place
  FROM placed
  WHERE class = 'compute'
  GROUP BY stage, source_id, device, stream, step),
     beside AS (
  SELECT a.stage, a.source_id, a.device, a.step, a.stream, a.work,
         max(a.work) OVER (PARTITION BY a.source_id, a.device, a.step) AS top,
         greatest(sum(greatest(0, least(a.to_ts, b.to_ts) - greatest(a.from_ts, b.from_ts))) * 1e0 / nullif(a.to_ts - a.from_ts, 0),
                  coalesce(max(greatest(0, least(a.to_ts, b.to_ts) - greatest(a.from_ts, b.from_ts))
                               * 1e0 / nullif(least(a.to_ts - a.from_ts, b.to_ts - b.from_ts), 0))
                             FILTER (abs(a.from_ts - b.from_ts) * 10 <= greatest(a.to_ts - a.from_ts, b.to_ts - b.from_ts)
                                     AND len(list_intersect(a.names, b.names)) * 2 >= len(list_distinct(list_concat(a.names, b.names)))), 0)) AS together
  FROM lane a
  JOIN lane b ON b.source_id = a.source_id AND b.device = a.device AND b.step = a.step AND b.stream <> a.stream
             AND b.place <= $compared AND b.work * 20 >= a.work
  GROUP BY a.stage, a.source_id, a.device, a.step, a.stream, a.work, a.to_ts, a.from_ts),
     forked AS (
  SELECT stage, source_id, device, step, count(*) AS members, max(work) AS largest, avg(work) AS mean
  FROM beside
  WHERE together > 0.5 AND work * 20 >= top
  GROUP BY ALL
  HAVING count(*) > 1),
     by_stream AS (
  SELECT stage, source_id, 'streams' AS among, max(members) AS members, avg(largest) AS largest, avg(mean) AS mean, device
  FROM forked
  GROUP BY ALL),
     product AS (
  SELECT j.stage, g.source_id, g.device, g.step, g.n, g.k, g.m, g.dur, count(*) OVER same AS calls,
         avg(g.dur) OVER same AS mean_dur, max(g.dur) OVER same AS top_dur, min(g.m) OVER same AS least_m,
         max(g.m) OVER same AS most_m
  FROM gemm_call g
  JOIN judged j ON j.step = g.step
  WHERE g.batch = 1
  WINDOW same AS (PARTITION BY g.source_id, g.device, g.step, g.n, g.k)),
     expert AS (
  SELECT stage, source_id, device, step, n, k, any_value(calls) AS calls, any_value(mean_dur) AS mean_dur,
         count(*) FILTER (m = most_m) AS tops, any_value(top_dur) AS top_dur
  FROM product
  WHERE calls >= 4 AND most_m >= 3 * least_m AND top_dur >= 2 * mean_dur
  GROUP BY ALL),
     by_expert AS (
  SELECT stage, source_id, 'experts' AS among, max(calls // tops) AS members,
         sum(top_dur * tops) * 1e0 / count(DISTINCT step) AS largest, sum(mean_dur * tops) * 1e0 / count(DISTINCT step) AS mean, device
  FROM expert
  GROUP BY ALL),
     mark AS (
  SELECT s.id, s.ts, s.ts + s.dur AS end_ts, s.track_id, s.name, regexp_matches(s.name, '[0-9]') AS numbered
  FROM slice s
  WHERE s.category IN ('user_annotation', 'annotation', 'nvtx') AND s.dur > 0 AND regexp_matches(s.name, '(?i)expert')),
     marked AS (
  SELECT p.stage, p.source_id, p.device, p.step, CASE WHEN m.numbered THEN m.name ELSE m.id::VARCHAR END AS expert,
         sum(p.end_ts - p.ts) AS dur
  FROM placed p
  ASOF JOIN mark m ON m.track_id = p.launch_track AND p.launch_ts >= m.ts
  WHERE p.launch_ts < m.end_ts AND p.class = 'compute'
  GROUP BY ALL),
     per_step AS (
  SELECT stage, source_id, device, step, count(*) AS members, max(dur) AS largest, avg(dur) AS mean
  FROM marked
  GROUP BY ALL
  HAVING count(*) >= 2),
     by_mark AS (
  SELECT stage, source_id, 'experts' AS among, max(members) AS members, avg(largest) AS largest, avg(mean) AS mean, device
  FROM per_step
  WHERE largest >= 2 * mean AND stage NOT IN (SELECT stage FROM by_expert)
  GROUP BY ALL),
     every AS (
  SELECT stage, source_id, among, members, largest, mean, device FROM by_gpu
  UNION ALL SELECT stage, source_id, among, members, largest, mean, device FROM by_rank
  UNION ALL SELECT stage, source_id, among, members, largest, mean, device FROM by_stream
  UNION ALL SELECT stage, source_id, among, members, largest, mean, device FROM by_expert
  UNION ALL SELECT stage, source_id, among, members, largest, mean, device FROM by_mark),
     rated AS (
  SELECT e.*, s.total, s.steps, least(1, (e.largest - e.mean) * s.steps * 1e0 / s.total) AS share
  FROM every e
  JOIN span_of s ON s.stage = e.stage AND s.source_id = e.source_id)
SELECT stage, device, source_id, among, members,
       CASE WHEN among = 'ranks' THEN coalesce('rank ' || (SELECT any_value(r.rank) FROM source r WHERE r.id = rated.source_id), 'GPU ' || device)
            WHEN among = 'GPUs' THEN 'GPU ' || device ELSE 'the one with most work' END AS slowest, largest, mean, largest * 1e0 / nullif(mean, 0) AS ratio, share,
       largest - mean AS time,
       share * CASE WHEN among IN ('experts', 'streams', 'GPUs') AND share >= $limit THEN 1 + $weight ELSE 1 END AS stake, share AS gain,
       CASE WHEN largest < 1.3 * mean THEN NULL WHEN share >= $severe THEN 'critical' WHEN share >= $limit THEN 'warning'
            WHEN share >= 0.03 THEN 'info' END AS severity
FROM rated
ORDER BY share DESC, stage, device, source_id, among
