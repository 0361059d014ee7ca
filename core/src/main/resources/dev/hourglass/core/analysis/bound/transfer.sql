-- Does the GPU spend time on copies that nothing hides?
-- @needs    memcpy
-- @bound    transfer
-- @param    limit        0.15   share of the time from which it is a warning
-- @param    severe       0.40   share from which it is critical
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   share [ratio]       time in copies between host and device that nothing hides, of the stage's time
-- @column   time [ns]           that time per step
-- @column   bytes [B]           bytes copied per step, both directions
-- @column   rate [B/s]          mean rate while a copy runs
-- @column   memory              the host's side of most bytes: pageable, pinned, or unknown where the recording does not tell
-- @column   way                 where most bytes go: to the GPU, or to the host
-- @column   link [B/s]          fastest copy of at least 1 MB in the recording
-- @column   wall [ns]           mean wall of a step
-- @column   overlap [ratio]     what running them beside compute would save at most
-- @column   pin [ratio]         what pinning pageable memory would save at most: these copies at the rate of the fastest pinned copy of at least 1 MB in their direction, and all their time where there is none; NULL where no copy was pageable
-- @column   gain [ratio]        what would be saved if the data were on the GPU already
-- @column   advice              which remedy fits: by the memory; `fetch` of pageable and `back` of unknown memory where they go to the host; of pinned copies `swap` where they go to the host, `alone` where compute is less than a fifth of them
-- @column   severity            info, warning or critical
-- @finding  {stage} on GPU {device} spends {share} of its time in copies that nothing hides: {bytes} per step {way} at {rate}, host memory {memory}
-- @remedy   [pin_source] Whether the host's side is pinned is not recorded: pin it where it is not. [ahead] Copy one layer ahead of its use, on a second stream. [on_gpu] Keep what is used in every step on the GPU.
-- @remedy_if pageable  [pin_source] Put the host's side into pinned memory. From pageable memory it is copied twice, and the host waits. That alone would save at most {pin} of the stage's time. [ahead] Then copy one layer ahead of its use, on a second stream. [on_gpu] Keep what is used in every step on the GPU.
-- @remedy_if fetch     [pin_target] Put the host's target into pinned memory. To pageable memory the copy runs in two steps, and the host waits. That alone would save at most {pin} of the stage's time. [] Copy less: what the host needs (token ids, not logits or hidden states), in the smallest format. [later] Read it one step later, on a second stream, while the next step computes.
-- @remedy_if back      [pin_target] Whether the target on the host is pinned is not recorded: pin it where it is not. [] Copy less: what the host needs (token ids, not logits or hidden states), in the smallest format. [later] Read it one step later, on a second stream, while the next step computes.
-- @remedy_if pinned    [ahead] The host's side is pinned already: run the copies beside compute, on a second stream one layer ahead of their use. [on_gpu] Keep what is used in every step on the GPU. [] Or quantise what is copied.
-- @remedy_if alone     The host's side is pinned already, and there is little compute to hide the copies behind ({overlap} of the time): copy less. [on_gpu] Keep what is used in every step on the GPU. [] Quantise what is copied. [batch] Or raise the batch, so that each copy serves more tokens.
-- @remedy_if swap      [later] The host's side is pinned already: run the copies to the host beside compute, on a second stream. [] Copy back only what the host needs (token ids, not logits). [kv_room] Where KV blocks are swapped out: more KV memory. [kv_fp8] Or fewer bytes per entry. [fewer] Or fewer sequences at once.
-- @gain     at most: the exposed copy time, if what is copied stayed on the GPU; hiding the copies behind compute alone would save {overlap}
WITH fast AS (
  SELECT kind, max(bytes * 1e9 / dur) AS rate
  FROM memcpy
  WHERE (src_kind = 'pinned' OR dst_kind = 'pinned') AND bytes >= 1000000 AND dur > 0
  GROUP BY kind),
     copy AS (
  SELECT s.stage, o.device, o.source_id, sum(o.bytes) AS bytes, sum(o.end_ts - o.ts) AS dur,
         coalesce(sum(m.bytes) FILTER (m.src_kind = 'pageable' OR m.dst_kind = 'pageable'), 0) AS pageable,
         sum(greatest(0, o.end_ts - o.ts - coalesce(m.bytes * 1e9 / f.rate, 0))) FILTER (m.src_kind = 'pageable' OR m.dst_kind = 'pageable') AS slower,
         coalesce(sum(m.bytes) FILTER (m.src_kind = 'pinned' OR m.dst_kind = 'pinned'), 0) AS pinned,
         coalesce(sum(m.bytes) FILTER (m.kind = 'DtoH'), 0) AS back
  FROM device_op o
  JOIN memcpy m ON m.id = o.id
  LEFT JOIN fast f ON f.kind = m.kind
  JOIN step_op so ON so.id = o.id
  JOIN usual_step s ON s.step = so.step AND s.device = o.device AND s.source_id = o.source_id
  WHERE o.class = 'copy'
  GROUP BY ALL),
     best AS (
  SELECT max(bytes * 1e9 * 1e0 / dur) AS rate FROM memcpy WHERE kind IN ('HtoD', 'DtoH') AND bytes >= 1000000 AND dur > 0),
     told AS (
  SELECT *, CASE WHEN pageable * 2 > bytes THEN 'pageable' WHEN pinned * 2 > bytes THEN 'pinned' ELSE 'unknown' END AS memory,
         CASE WHEN back * 2 > bytes THEN 'to the host' ELSE 'to the GPU' END AS way
  FROM copy)
SELECT t.stage, t.device, t.source_id, t.copy * 1e0 / t.total AS share, t.copy * 1e0 / t.steps AS time,
       coalesce(c.bytes, 0) * 1e0 / t.steps AS bytes, c.bytes * 1e9 * 1e0 / nullif(c.dur, 0) AS rate,
       coalesce(c.memory, 'unknown') AS memory, coalesce(c.way, 'to the GPU') AS way,
       (SELECT rate FROM best) AS link, t.wall * 1e0 / t.steps AS wall,
       least(t.copy, t.compute) * 1e0 / t.total AS overlap,
       t.copy * 1e0 / t.total * c.slower / nullif(c.dur, 0) AS pin, t.copy * 1e0 / t.total AS gain,
       CASE WHEN c.way = 'to the host' THEN CASE c.memory WHEN 'pinned' THEN 'swap' WHEN 'pageable' THEN 'fetch' ELSE 'back' END
            WHEN c.memory = 'pinned' AND t.compute * 5 < t.copy THEN 'alone' ELSE coalesce(c.memory, 'unknown') END AS advice,
       CASE WHEN t.copy * 1e0 / t.total >= $severe THEN 'critical' WHEN t.copy * 1e0 / t.total >= $limit THEN 'warning'
            WHEN t.copy * 1e0 / t.total >= 0.03 THEN 'info' END AS severity
FROM stage_time t
LEFT JOIN told c ON c.stage = t.stage AND c.device = t.device AND c.source_id = t.source_id
WHERE t.wall > 0 AND t.ops > 0
ORDER BY t.copy DESC, t.stage, t.device, t.source_id
