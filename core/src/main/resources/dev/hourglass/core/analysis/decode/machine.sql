-- What of the machine's settings stands in the way of the engine's threads?
-- @needs    token, metadata
-- @param    waiting        0.02       share of time that threads wait for a CPU from which it is worth a finding
-- @param    serious        0.05       the same for a warning
-- @param    large          1000000000 bytes of weights read per token from which the size of pages matters
-- @param    waits          0.05       share of T_token in barriers from which threads that share a core are worth a finding
-- @column   stage                     decode
-- @column   part                      waiting, threads, pages or nodes
-- @column   found                     what the recording shows
-- @column   share [ratio]             of the time, that it is about; 0 where the recording does not tell
-- @column   gain [ratio]              at most, of T_token; NULL where it lies within what decode/bandwidth tells
-- @column   how                       how the gain was estimated
-- @column   advice                    which remedy fits
-- @column   severity                  warning, info; NULL where it is as it should be, or where decode/contention tells it
-- @column   cores [count]             physical cores; NULL where not told
-- @finding  {found}
-- @remedy   [pin_threads] Let the engine have its cores alone: no other work beside it, threads kept on their cores. [threads] One fewer where something must run beside.
-- @remedy_if smt      [threads] One thread for each physical core, {cores} of them: two on one core share the units that multiply.
-- @remedy_if pages    [large_pages] Large pages for the weights, before the engine starts. [no_map] Weights that are read into memory and not mapped: pages of a mapped file stay small.
-- @remedy_if nodes    [numa] Spread threads and weights over the NUMA nodes, with page caches dropped before the first start. [] Or keep both on one node if the model fits it.
-- @gain     {how}
WITH fact AS (
  SELECT TRY_CAST(max(value) FILTER (name = 'engine.threads') AS BIGINT) AS threads,
         TRY_CAST(max(value) FILTER (name = 'host.cores_physical') AS BIGINT) AS cores,
         TRY_CAST(max(value) FILTER (name = 'host.numa_nodes') AS BIGINT) AS nodes,
         max(value) FILTER (name = 'host.transparent_hugepages') AS pages, max(value) FILTER (name = 'contention.level') AS disturbed
  FROM metadata),
     whole AS (SELECT avg(dur) AS dur, count(*) AS n, min(ts) AS t0, max(ts + dur) AS t1 FROM token),
     thread AS (
  SELECT s.tid, sum(s.run_ns) AS run, sum(s.wait_ns) AS wait, sum(s.dur) AS dur
  FROM thread_sample s, whole w
  WHERE s.ts + s.dur > w.t0 AND s.ts < w.t1
  GROUP BY s.tid),
     computing AS (
  -- As many of the threads as compute: those that run most.
  SELECT *, row_number() OVER (ORDER BY run * 1e0 / nullif(dur, 0) DESC NULLS LAST, tid) AS nth FROM thread),
     waited AS (SELECT sum(wait) * 1e0 / nullif(sum(dur), 0) AS share FROM computing, fact WHERE nth <= coalesce(threads, 1)),
     barriers AS (
  SELECT (SELECT avg(wait) FROM (SELECT avg(wait_ns) AS wait FROM barrier GROUP BY step)) / (SELECT dur FROM whole) AS share),
     weights AS (SELECT sum(weight_bytes) * 1e0 / (SELECT n FROM whole) AS bytes FROM op),
     found AS (
  SELECT 1 AS nth, 'waiting' AS part, 'The engine''s computing threads were ready to run and waited for a CPU for ' || format('{:.1f}', share * 100) || ' % of the time' AS text, share, share AS gain, 'alone' AS advice,
         CASE WHEN disturbed = 'severe' THEN NULL WHEN share >= $serious THEN 'warning' WHEN share >= $waiting THEN 'info' END AS severity
  FROM waited, fact
  WHERE share IS NOT NULL
  UNION ALL
  SELECT 2, 'threads', threads || CASE threads WHEN 1 THEN ' thread computes' ELSE ' threads compute' END || ' on ' || cores || CASE cores WHEN 1 THEN ' physical core' ELSE ' physical cores' END, b.share, b.share, 'smt',
         CASE WHEN threads > cores AND coalesce(b.share, 1) >= $waits THEN 'info' END
  FROM fact, barriers b
  WHERE threads IS NOT NULL AND cores IS NOT NULL
  UNION ALL
  SELECT 3, 'pages', 'Transparent huge pages: ' || pages || ', so that weights lie in small pages, while the bandwidth was measured in large ones', NULL, NULL, 'pages',
         CASE WHEN pages <> 'always' AND w.bytes >= $large THEN 'info' END
  FROM fact, weights w
  WHERE pages IS NOT NULL
  UNION ALL
  SELECT 4, 'nodes', 'The machine has ' || nodes || CASE nodes WHEN 1 THEN ' NUMA node' ELSE ' NUMA nodes, and threads read weights of any' END, NULL, NULL, 'nodes',
         CASE WHEN nodes > 1 AND threads > 1 THEN 'info' END
  FROM fact
  WHERE nodes IS NOT NULL)
SELECT 'decode' AS stage, part, text AS found, coalesce(share, 0) AS share, gain,
       CASE WHEN part = 'waiting' THEN 'at most, if they never waited'
            WHEN part = 'threads' AND gain IS NOT NULL THEN 'at most, if no thread waited for another'
            WHEN part = 'threads' THEN 'not estimated: the wait of threads for each other was not measured'
            ELSE 'not told apart from what the parts of a token miss to the measured bandwidth' END AS how,
       advice, severity, cores
FROM found, fact
ORDER BY nth
