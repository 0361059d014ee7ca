-- The pieces of each profiled step of a run in which a GPU takes part: what it was that ran at each moment of it. They do
-- not overlap and fill the step. The GPU's work goes first, then copies, then what the host did meanwhile: a moment in which
-- it waits for a kernel is the kernel's. Where nothing recorded the GPU, only what the CPU computes is told.
CREATE OR REPLACE TEMP TABLE device_run AS
SELECT l.track_id, l.upid, any_value(l.source_id) AS source_id, any_value(t.utid) AS utid
FROM launch l
JOIN process p ON p.upid = l.upid
JOIN track t ON t.id = l.track_id
WHERE p.pid = (SELECT TRY_CAST(max(value) AS BIGINT) FROM metadata WHERE name = 'engine.pid')
GROUP BY l.track_id, l.upid
ORDER BY count(*) DESC, l.track_id
LIMIT 1;
CREATE OR REPLACE TEMP TABLE device_call AS
SELECT l.ts, l.ts + l.dur AS end_ts, CASE WHEN l.kind IN ('kernel', 'graph') THEN 'launch' WHEN l.kind IN ('memcpy', 'memset') THEN 'copy call' WHEN l.kind = 'sync' THEN 'wait' ELSE 'call' END AS what
FROM launch l
JOIN device_run r ON r.track_id = l.track_id;
CREATE OR REPLACE TEMP TABLE cpu_split AS
WITH followed AS (
  SELECT s.token, s.split, s.backend, s.begin_ts, least(coalesce(lead(s.ts) OVER (PARTITION BY s.token ORDER BY s.split), t.ts + t.dur), t.ts + t.dur) AS end_ts
  FROM engine_split s
  JOIN token t USING (token)),
     called AS (
  SELECT f.*, c.ts AS call_ts
  FROM followed f
  ASOF LEFT JOIN device_call c ON f.begin_ts <= c.ts)
SELECT token, split, begin_ts AS ts, least(end_ts, coalesce(call_ts, end_ts)) AS end_ts FROM called WHERE backend = 'CPU';
CREATE OR REPLACE TEMP TABLE device_moment AS
WITH span AS (
  SELECT 'gpu' AS what, s.ts, s.ts + s.dur AS end_ts
  FROM slice s
  JOIN track t ON t.id = s.track_id
  JOIN device_run r ON r.upid = t.upid
  WHERE s.category IN ('kernel', 'cuda_graph', 'gpu_memset')
  UNION ALL
  SELECT CASE WHEN m.kind IN ('HtoD', 'DtoH') THEN 'copy' ELSE 'gpu' END, m.ts, m.ts + m.dur
  FROM memcpy m
  JOIN track t ON t.id = m.track_id
  JOIN device_run r ON r.upid = t.upid
  WHERE m.ts IS NOT NULL
  UNION ALL
  SELECT what, ts, end_ts FROM device_call
  UNION ALL
  SELECT 'cpu', ts, end_ts FROM cpu_split),
     edge AS (
  SELECT t.token, greatest(s.ts, t.ts) AS moment, s.what, 1 AS sign FROM span s JOIN token t ON s.ts < t.ts + t.dur AND s.end_ts > t.ts
  UNION ALL
  SELECT t.token, least(s.end_ts, t.ts + t.dur), s.what, -1 FROM span s JOIN token t ON s.ts < t.ts + t.dur AND s.end_ts > t.ts
  UNION ALL
  SELECT token, ts, 'token', 1 FROM token WHERE EXISTS (FROM engine_split) OR EXISTS (FROM device_run)
  UNION ALL
  SELECT token, ts + dur, 'token', -1 FROM token WHERE EXISTS (FROM engine_split) OR EXISTS (FROM device_run)),
     step AS (
  SELECT token, moment, sum(sign) FILTER (what = 'gpu') AS gpu, sum(sign) FILTER (what = 'copy') AS copy, sum(sign) FILTER (what = 'launch') AS launch,
         sum(sign) FILTER (what = 'copy call') AS copying, sum(sign) FILTER (what = 'wait') AS waiting, sum(sign) FILTER (what = 'cpu') AS cpu,
         sum(sign) FILTER (what = 'call') AS calling
  FROM edge
  GROUP BY token, moment),
     running AS (
  SELECT token, moment AS ts, lead(moment) OVER line AS end_ts, sum(gpu) OVER line AS gpu, sum(copy) OVER line AS copy, sum(launch) OVER line AS launch,
         sum(copying) OVER line AS copying, sum(waiting) OVER line AS waiting, sum(cpu) OVER line AS cpu, sum(calling) OVER line AS calling
  FROM step
  WINDOW line AS (PARTITION BY token ORDER BY moment)),
     called AS (
  -- Behind the last call of a step its next token is chosen.
  SELECT t.token, coalesce(max(c.end_ts), t.ts + t.dur) AS last_call
  FROM token t
  LEFT JOIN device_call c ON c.ts < t.ts + t.dur AND c.end_ts > t.ts
  GROUP BY t.token, t.ts, t.dur)
SELECT r.token, r.ts, r.end_ts,
       CASE WHEN gpu > 0 THEN 'gpu' WHEN copy > 0 THEN 'copy' WHEN launch > 0 THEN 'launch call' WHEN copying > 0 THEN 'copy call' WHEN waiting > 0 THEN 'wait'
            WHEN cpu > 0 THEN 'cpu' WHEN calling > 0 THEN 'other call' WHEN r.ts >= c.last_call THEN 'sample' ELSE 'engine' END AS what
FROM running r
JOIN called c USING (token)
WHERE r.end_ts > r.ts;
CREATE OR REPLACE TEMP TABLE device_piece AS
WITH placed AS (
  SELECT m.*, s.split, CASE WHEN m.what = 'cpu' THEN c.split END AS computed
  FROM device_moment m
  ASOF LEFT JOIN engine_split s ON s.token = m.token AND m.ts >= s.begin_ts
  ASOF LEFT JOIN cpu_split c ON c.token = m.token AND m.ts >= c.ts),
     told AS (SELECT *, CASE WHEN what IN ('sample', 'engine', 'other call') THEN NULL ELSE coalesce(computed, split) END AS whose FROM placed),
     changed AS (
  SELECT *, (what IS DISTINCT FROM lag(what) OVER line OR whose IS DISTINCT FROM lag(whose) OVER line)::INTEGER AS fresh
  FROM told
  WINDOW line AS (PARTITION BY token ORDER BY ts)),
     numbered AS (SELECT *, sum(fresh) OVER (PARTITION BY token ORDER BY ts) AS nth FROM changed)
SELECT token, nth, any_value(what) AS what, any_value(whose) AS split, min(ts) AS ts, max(end_ts) AS end_ts
FROM numbered
GROUP BY token, nth;
INSERT INTO op (token, layer, name, component, ts, dur, kind, nodes, weight_bytes, flops)
SELECT p.token, s.layer, CASE WHEN p.what = 'cpu' THEN s.name WHEN p.what = 'gpu' THEN 'gpu work' ELSE p.what END,
       CASE p.what WHEN 'gpu' THEN 't_gpu_computation' WHEN 'copy' THEN 't_pcie_transfer' WHEN 'copy call' THEN 't_pcie_transfer' WHEN 'launch call' THEN 't_gpu_kernel_launch'
                   WHEN 'wait' THEN 't_sync' WHEN 'cpu' THEN s.component WHEN 'sample' THEN 'sampling' ELSE 't_scheduling' END,
       p.ts, p.end_ts - p.ts, CASE WHEN p.what = 'cpu' THEN s.kind END, CASE WHEN p.what = 'cpu' THEN s.nodes ELSE 0 END,
       CASE WHEN p.what = 'cpu' AND p.ts = min(p.ts) FILTER (p.what = 'cpu') OVER (PARTITION BY p.token, p.split) THEN s.weight_bytes END,
       CASE WHEN p.what = 'cpu' AND p.ts = min(p.ts) FILTER (p.what = 'cpu') OVER (PARTITION BY p.token, p.split) THEN s.flops END
FROM device_piece p
LEFT JOIN engine_split s ON s.token = p.token AND s.split = p.split
WHERE p.what = 'cpu' OR EXISTS (FROM device_run)
ORDER BY p.ts, p.token;
DROP TABLE device_piece;
DROP TABLE device_moment;
DROP TABLE cpu_split;
DROP TABLE device_call
