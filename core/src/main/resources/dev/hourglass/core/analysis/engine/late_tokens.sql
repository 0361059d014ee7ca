-- Why were tokens late?
-- @needs    request_step, step
-- @param    times        3          a gap above this many medians is a late token
-- @param    matter       0.02       share of all waiting from which a cause is a finding
-- @column   engine                  engine process
-- @column   cause                   what the excess over the median gap went to. Causes exclude each other: what lay in the gap of compilations, then of garbage collections, of a preemption until the next token, of the longest wait of a thread for a core, of steps with prompts (mixed ones beyond a median decode step), of decode steps without the graph that others have (beyond that median), of time between steps, the rest
-- @column   tokens [count]          late tokens with some of it
-- @column   excess [ns]             sum of it
-- @column   share [ratio]           of the excess of all late tokens
-- @column   longest [ns]            most that one token lost to it
-- @column   gain [ratio]            of all waiting for tokens, at most what is won without it
-- @column   advice                  the cause, in a word
-- @column   severity                warning or info
-- @finding  {tokens} tokens of {engine} were late because of {cause}: {excess} in all, {longest} at most
-- @remedy   Look at these moments in the timeline; what they waited for was not recorded.
-- @remedy_if prefill     [chunk_size] Prompts of other requests were computed in the same steps: split them into smaller chunks. [chunked_prefill] That needs chunked prefill. [] Or compute them elsewhere (disaggregated prefill).
-- @remedy_if preemption  [kv_room] The KV cache had no room: give it more. [kv_fp8] Or store it in fewer bytes. [fewer] Or run fewer requests at once.
-- @remedy_if compilation A kernel or a graph was compiled while requests ran: warm up with the shapes that occur. [compile_cache] Keep the compile caches between starts, on a disk that stays.
-- @remedy_if collection  [gc] Python's garbage collector stopped the process: freeze what lives after start-up, or collect the oldest generation less often.
-- @remedy_if queue       [pin_threads] The engine's threads were ready and had no core: give them cores of their own, and keep other work off them.
-- @remedy_if eager       [graph_sizes] These steps ran without a CUDA graph where others had one: capture their sizes too.
-- @remedy_if scheduler   Nothing ran for the request between two steps of the engine: look at the engine core's own operations (analyze engine/operations).
-- @gain     the excess of these tokens over the median gap, of all waiting for tokens
WITH gap AS (
  SELECT engine, request, step, ts, gap, median(gap) OVER (PARTITION BY engine) AS usual, sum(gap) OVER (PARTITION BY engine) AS waiting
  FROM request_token WHERE gap IS NOT NULL),
     late AS (
  SELECT row_number() OVER (ORDER BY engine, request, step) AS id, engine, request, step, ts - gap AS begun, ts, gap - usual AS excess, waiting
  FROM gap WHERE gap > $times * usual),
     usual AS (
  SELECT engine, median(dur) AS decode, mode(graph_mode) FILTER (graph_mode <> 'NONE') AS graph FROM step WHERE phase = 'decode' GROUP BY engine),
     compiled AS (
  SELECT l.id, sum(least(s.ts + s.dur, l.ts) - greatest(s.ts, l.begun)) AS ns
  FROM late l JOIN engine_stall s ON s.kind = 'compilation' AND s.engine IS NOT DISTINCT FROM l.engine AND s.ts < l.ts AND s.ts + s.dur > l.begun
  GROUP BY l.id),
     collected AS (
  SELECT l.id, sum(least(s.ts + s.dur, l.ts) - greatest(s.ts, l.begun)) AS ns
  FROM late l JOIN engine_stall s ON s.kind = 'garbage collection' AND s.engine IS NOT DISTINCT FROM l.engine AND s.ts < l.ts AND s.ts + s.dur > l.begun
  GROUP BY l.id),
     queued AS (
  SELECT l.id, max(t.ns) AS ns
  FROM late l
  JOIN (SELECT l.id, t.tid, sum(t.wait_ns) AS ns
        FROM late l JOIN thread_step t ON t.engine IS NOT DISTINCT FROM l.engine AND t.ts + t.dur > l.begun AND t.ts + t.dur <= l.ts
        GROUP BY l.id, t.tid) t ON t.id = l.id
  GROUP BY l.id),
     preempted AS (
  SELECT l.id, max(l.ts - greatest(p.ts, l.begun)) AS ns
  FROM late l JOIN preemption p ON p.event = 'preempted' AND p.request = l.request AND p.engine IS NOT DISTINCT FROM l.engine AND p.ts < l.ts AND p.ts >= l.begun
  GROUP BY l.id),
     ran AS (
  SELECT l.id, sum(s.dur) FILTER (s.phase IN ('prefill', 'mixed', 'recompute')) - any_value(u.decode) * count(*) FILTER (s.phase = 'mixed') AS prefill,
         sum(s.dur - u.decode) FILTER (s.phase = 'decode' AND u.graph IS NOT NULL AND coalesce(s.graph_mode, 'NONE') = 'NONE') AS eager,
         any_value(l.ts - l.begun) - sum(least(s.ts + s.dur, l.ts) - greatest(s.ts, l.begun)) AS between
  FROM late l
  JOIN step s ON s.engine IS NOT DISTINCT FROM l.engine AND s.dur IS NOT NULL AND s.ts < l.ts AND s.ts + s.dur > l.begun
  LEFT JOIN usual u ON u.engine IS NOT DISTINCT FROM l.engine
  GROUP BY l.id),
     stated AS (
  SELECT l.*, greatest(coalesce(p.ns, 0), 0) AS preempted, greatest(coalesce(c.ns, 0), 0) AS compiled, greatest(coalesce(g.ns, 0), 0) AS collected,
         greatest(coalesce(q.ns, 0), 0) AS queued, greatest(coalesce(r.prefill, 0), 0) AS prefill, greatest(coalesce(r.eager, 0), 0) AS eager,
         greatest(coalesce(r.between, 0), 0) AS between
  FROM late l
  LEFT JOIN preempted p ON p.id = l.id LEFT JOIN compiled c ON c.id = l.id LEFT JOIN collected g ON g.id = l.id
  LEFT JOIN queued q ON q.id = l.id LEFT JOIN ran r ON r.id = l.id),
     named AS (
  SELECT s.engine, s.id, s.excess, s.waiting, c.rank, c.advice, c.cause,
         least(s.excess, sum(c.ns) OVER (PARTITION BY s.id ORDER BY c.rank)) - least(s.excess, coalesce(sum(c.ns) OVER (PARTITION BY s.id ORDER BY c.rank ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS ns
  FROM stated s
  CROSS JOIN LATERAL (VALUES (1, 'compilation', 'compilation', s.compiled), (2, 'collection', 'garbage collection', s.collected),
                             (3, 'preemption', 'preemption and computing again', s.preempted), (4, 'queue', 'waiting for a core', s.queued),
                             (5, 'prefill', 'prompts of other requests', s.prefill), (6, 'eager', 'steps without their CUDA graph', s.eager),
                             (7, 'scheduler', 'time between the engine''s steps', s.between), (8, 'unknown', 'causes that were not recorded', s.excess)) c (rank, advice, cause, ns)),
     summed AS (
  SELECT engine, rank, advice, cause, count(*) FILTER (ns > 0) AS tokens, sum(ns) AS excess, max(ns) AS longest, any_value(waiting) AS waiting
  FROM named GROUP BY engine, rank, advice, cause)
SELECT coalesce(engine, 'the engine') AS engine, cause, tokens, excess, excess * 1e0 / nullif(sum(excess) OVER (PARTITION BY engine), 0) AS share, longest,
       excess * 1e0 / nullif(waiting, 0) AS gain, advice,
       CASE WHEN excess * 1e0 / nullif(waiting, 0) >= 5 * $matter THEN 'warning' WHEN excess * 1e0 / nullif(waiting, 0) >= $matter THEN 'info' END AS severity
FROM summed
WHERE tokens > 0
ORDER BY engine, excess DESC, rank
