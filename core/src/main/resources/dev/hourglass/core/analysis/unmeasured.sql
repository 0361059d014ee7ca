-- Why an analysis has no answer though the tables that it needs have rows: by its id, a query with one row (because,
-- how to record it) where what it asks was not measured, and none where it was and there is nothing to tell.

-- @query bound/throttle
WITH sampled AS (SELECT min(ts) AS a, max(ts) AS b, count(*) AS n FROM device_sample WHERE metric = 'sm_clock'),
     timed AS (SELECT count(*) AS n FROM device_sample WHERE metric = 'sm_clock' AND ts IS NOT NULL),
     worked AS (SELECT min(ts) AS a, max(end_ts) AS b FROM device_op),
     apart AS (
  SELECT s.n, t.n AS timed, CASE WHEN s.b < w.a THEN w.a - s.b WHEN s.a > w.b THEN s.a - w.b END AS ns, s.b < w.a AS before,
         EXISTS (FROM device_sample d, step_time p LEFT JOIN source_host h ON h.source_id = p.source_id WHERE coalesce(d.host = h.host, true) AND d.metric = 'sm_clock' AND p.judged AND d.device = p.device AND d.ts BETWEEN p.ts AND p.end_ts) AS during
  FROM sampled s, timed t, worked w),
     machine AS (
  SELECT NOT EXISTS (FROM (SELECT DISTINCT host FROM device_sample WHERE metric = 'sm_clock') d
                     JOIN (SELECT DISTINCT h.host FROM device_op o LEFT JOIN source_host h ON h.source_id = o.source_id) w ON coalesce(d.host = w.host, true)) AS other)
SELECT CASE WHEN n = 0 THEN 'the samples of the GPU tell no clock'
            WHEN timed = 0 THEN 'the samples of the GPU have no times'
            WHEN ns IS NOT NULL THEN 'the samples of the GPU lie '
              || CASE WHEN ns >= 3600000000000 THEN round(ns / 36e11, 1) || ' h' ELSE round(ns / 1e9, 1) || ' s' END
              || CASE WHEN before THEN ' before' ELSE ' after' END || ' the recorded work: local time of another zone, or another run'
            WHEN other THEN 'the recordings are of several machines, and nothing tells which of them was sampled'
            ELSE 'no sample of the GPU''s clock was taken while a step ran' END AS because,
       CASE WHEN n = 0 THEN 'sample clocks.sm too: nvidia-smi --query-gpu=timestamp,index,clocks.sm,power.draw --format=csv -lms 100'
            WHEN timed = 0 THEN 'record times: nvidia-smi --query-gpu=timestamp,…, or nvidia-smi dmon -o DT'
            WHEN ns IS NOT NULL THEN 'lay the samples on the recording''s clock: import --time-zone ZONE (that of the machine which sampled), or import --offset FILE=TIME'
            WHEN other THEN 'keep the samples of each machine in the directory of its recordings, and import all of them'
            ELSE 'sample more often (nvidia-smi -lms 100), on the GPU that is recorded' END AS how
FROM apart, machine
WHERE NOT during

-- @query hw/clock_reasons
SELECT 'the samples of the GPU tell no reasons why its clock is held back' AS because,
       'hourglass gpu-watch beside the run, or nvidia-smi --query-gpu=timestamp,index,clocks.sm,power.draw,clocks_event_reasons.active --format=csv -lms 100' AS how
WHERE NOT EXISTS (FROM hw_sample WHERE metric = 'throttle' AND value IS NOT NULL)

-- @query hw/stalls
SELECT 'the metrics of Nsight Compute tell no reasons why warps wait'
         || CASE WHEN EXISTS (FROM ncu_metric WHERE section IS NOT NULL) THEN ': its details page has none' ELSE '' END AS because,
       'profile with ncu --set full (or --section WarpStateStats) and print the other page: ncu --import REPORT --csv --page raw --print-units base' AS how
WHERE NOT EXISTS (FROM ncu_metric WHERE metric LIKE 'smsp__average_warps_issue_stalled_%_per_issue_active.ratio')

-- @query hw/l2
SELECT 'the metrics of Nsight Compute tell no hits of the L2 cache' AS because,
       'profile with ncu --set full (or --section MemoryWorkloadAnalysis), and print --page raw' AS how
WHERE NOT EXISTS (FROM ncu_metric WHERE metric IN ('lts__t_sector_hit_rate.pct', 'L2 Hit Rate') AND value IS NOT NULL)

-- @query hw/tensor_cores
SELECT 'the metrics of Nsight Compute tell nothing of the tensor cores'
         || CASE WHEN EXISTS (FROM ncu_metric WHERE section IS NOT NULL) THEN ': its details page has none of that' ELSE '' END AS because,
       'profile with ncu --set full and print the other page: ncu --import REPORT --csv --page raw --print-units base' AS how
WHERE NOT EXISTS (FROM ncu_metric WHERE starts_with(metric, 'sm__pipe_tensor_cycles_active.') AND value IS NOT NULL)

-- @query engine/event_loop
-- A loop shows itself by the functions of Python that it runs.
SELECT 'no functions of Python were recorded' AS because,
       'record with stacks: with_stack=True (vLLM: --profiler-config with torch_profiler_with_stack), on the front end''s process too' AS how
WHERE NOT EXISTS (FROM slice WHERE category = 'python_function')
