-- What the explanation of a session asks beside the analyses.

-- @query facts
SELECT name, value FROM metadata WHERE name <> 'session.form' ORDER BY name

-- @query not_measured
SELECT item, status, reason, how_to_record FROM not_measured ORDER BY ALL

-- @query absence
-- Why something is unknown.
SELECT item, status, reason, how_to_record
FROM not_measured
WHERE item = $item

-- @query reading
SELECT component, rate, ceiling, ratio FROM part_reading ORDER BY share DESC

-- @query losses
SELECT source, kind, severity, count, place FROM import_stat ORDER BY ALL

-- @query any_row
SELECT 1 FROM $table LIMIT 1

-- @query stage_total
SELECT max(dur) AS total FROM stage_span WHERE stage = $stage

-- @query first_only
-- Stages of which the first step of a recording is all that there is, beside others.
SELECT stage
FROM (SELECT stage, bool_and(first) AS only_first, bool_and(bool_and(first)) OVER () AS every
      FROM host_step
      WHERE stage NOT IN ('between', 'run')
      GROUP BY stage)
WHERE only_first AND NOT every

-- @query host_operators
-- A row where the recording has operators.
SELECT 1 FROM slice WHERE category = 'cpu_op' LIMIT 1

-- @query host_launches
-- A row where work was launched on a GPU, or where the recording breaks off before that could be seen.
SELECT 1 FROM launch WHERE kind IN ('kernel', 'graph')
UNION ALL
SELECT 1 FROM import_stat WHERE kind = 'truncated'
LIMIT 1

-- @query step_walls
SELECT stage, dur / 1000.0 AS period, wall / 1000.0 AS wall FROM judged_step ORDER BY ts, step

-- @query copied
-- Bytes per step that the usual steps of each stage copied between host and GPUs.
SELECT t.stage, sum(o.bytes) * 1e0 / any_value(n.steps) AS bytes
FROM device_op o
JOIN step_op s ON s.id = o.id
JOIN usual_step t ON t.step = s.step AND t.device = o.device AND t.source_id = o.source_id
JOIN (SELECT stage, max(steps) AS steps FROM (SELECT stage, source_id, count(DISTINCT step) AS steps FROM step_period WHERE usual GROUP BY ALL) GROUP BY stage) n
  ON n.stage = t.stage
WHERE o.class = 'copy'
GROUP BY t.stage

-- @query work_by_shapes
-- Work of each stage's usual steps in each number format, from the shapes of matrix products that were recorded, and the time of all GPUs that took part together.
SELECT t.stage, g.format, sum(g.flops) AS flops, sum(g.bytes) AS bytes, any_value(n.total) AS device_ns
FROM gemm_call g
JOIN usual_step t ON t.step = g.step AND t.device = g.device AND t.source_id = g.source_id
JOIN (SELECT stage, sum(dur * devices) AS total FROM worked_step WHERE told = 'device' GROUP BY stage) n ON n.stage = t.stage
GROUP BY t.stage, g.format
ORDER BY t.stage, flops DESC, g.format

-- @query products_format
-- The number format in which most time of matrix products goes.
SELECT format FROM gemm_call WHERE format IS NOT NULL GROUP BY format ORDER BY sum(dur) DESC, format LIMIT 1

-- @query nearest_step
-- The judged step of a stage whose wall is nearest to $wall ns.
SELECT t.step, t.ts, t.end_ts
FROM (
  SELECT step, ts, end_ts, wall FROM step_time WHERE judged AND stage = $stage
  UNION ALL
  SELECT j.step, h.ts, h.end_ts, h.end_ts - h.ts FROM judged_step j JOIN host_step h ON h.step = j.step WHERE j.told = 'host' AND j.stage = $stage) t
ORDER BY abs(t.wall - $wall), t.ts
LIMIT 1

-- @query whole_recording
SELECT
  coalesce(least((SELECT min(ts) FROM step_time), (SELECT min(ts) FROM device_op)), (SELECT min(ts) FROM host_step)) AS ts,
  coalesce(greatest((SELECT max(end_ts) FROM step_time), (SELECT max(end_ts) FROM device_op)), (SELECT max(end_ts) FROM host_step)) AS end_ts,
  (SELECT count(*) FROM device_op) + (SELECT count(*) FROM launch)
    + (SELECT count(*) FROM slice WHERE category = 'cpu_op') AS spans

-- @query spans
-- What lies between two times, in lanes without overlap; the longest $most of it.
WITH host AS (
  SELECT track_id, dense_rank() OVER (ORDER BY n DESC, track_id) AS nth, count(*) OVER () AS threads
  FROM (
    SELECT track_id, count(*) AS n FROM launch WHERE ts < $end AND ts + dur > $ts GROUP BY track_id
    UNION ALL
    SELECT track_id, count(*) FROM slice
    WHERE category = 'cpu_op' AND ts < $end AND ts + dur > $ts AND NOT EXISTS (SELECT 1 FROM launch) GROUP BY track_id)),
     span AS (
  SELECT 0 AS part, 0 AS lane, 'Steps' AS label, coalesce(name, stage) AS name, 'step' AS category, ts, end_ts
  FROM host_step WHERE stage <> 'between'
  UNION ALL
  SELECT 1, nth, CASE WHEN threads = 1 THEN 'Operators' ELSE 'Operators, thread ' || nth END, s.name, 'operator',
         s.ts, s.ts + s.dur
  FROM slice s JOIN host USING (track_id) WHERE s.category = 'cpu_op' AND nth <= 8
  UNION ALL
  SELECT 1, nth * 1.0 + 0.5, CASE WHEN threads = 1 THEN 'Calls' ELSE 'Calls, thread ' || nth END, l.name, l.kind,
         l.ts, l.ts + l.dur
  FROM launch l JOIN host USING (track_id) WHERE nth <= 8
  UNION ALL
  SELECT 2, source_id * 1e9 + device * 1e5 + stream, 'GPU ' || CASE WHEN device < 0 THEN 'not told,' ELSE device::VARCHAR END || ' stream ' || stream, short_name, category,
         ts, end_ts
  FROM device_op),
     inside AS (SELECT * FROM span WHERE ts < $end AND end_ts > $ts),
     kept AS (
  SELECT *, max(end_ts) OVER (PARTITION BY part, lane ORDER BY ts, end_ts DESC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
  FROM inside),
     ranked AS (
  SELECT *, row_number() OVER (ORDER BY end_ts - ts DESC) AS rank, count(*) OVER () AS spans
  FROM kept WHERE reach IS NULL OR ts >= reach)
SELECT part, lane, label, name, category, ts - $ts AS start, end_ts - ts AS dur, spans
FROM ranked WHERE rank <= $most ORDER BY part, lane, ts

-- @query stage_to_compare
-- The one that is wanted, else decode, else that in which most time was spent.
SELECT stage
FROM judged_step
GROUP BY stage
ORDER BY stage <> $wanted, stage <> 'decode', bool_and(first), sum(dur) DESC, stage
LIMIT 1

-- @query steps_to_compare
SELECT period / 1000.0 AS period, wall / 1000.0 AS wall, tokens::DOUBLE AS tokens, batch::DOUBLE AS batch
FROM judged_step
WHERE stage = $stage
ORDER BY ts, step

-- @query kernel_names
SELECT short_name, name FROM kernel_class ORDER BY ALL

-- @query facts_to_compare
-- What must be the same in runs that are compared, by the end of a fact's name.
WITH known (kind, what, pattern) AS (VALUES
  ('work', 'model', 'model\.name'),
  ('work', 'shape', 'model\.shape'),
  ('work', 'layers', 'model\.layers'),
  ('work', 'quantisation', 'model\.quantization'),
  ('work', 'context', 'run\.context'),
  ('setting', 'threads', '(run|engine)\.threads'),
  ('setting', 'engine', 'engine\.name'),
  ('setting', 'engine version', 'engine\.version'),
  ('machine', 'GPU', 'gpu\.(\d+\.)?name'),
  ('machine', 'processor', 'host\.cpu'),
  ('recording', 'granularity', 'run\.granularity'),
  ('disturbance', 'disturbance', 'contention\.level'))
SELECT k.kind, k.what, string_agg(DISTINCT m.value, ', ' ORDER BY m.value) AS value
FROM metadata m
JOIN known k ON regexp_full_match(m.name, '(.*\.)?' || k.pattern)
GROUP BY k.kind, k.what
UNION ALL
SELECT 'recording', 'Python stacks',
       CASE WHEN EXISTS (SELECT 1 FROM slice WHERE category = 'python_function')
              OR EXISTS (SELECT 1 FROM metadata WHERE name LIKE 'source.%.with_stack' AND value IN ('1', 'true'))
            THEN 'recorded' ELSE 'not recorded' END
ORDER BY ALL

-- @query parts_to_compare
-- Of the steps whose period is known, where one is: parts of periods are not held against parts of walls.
SELECT p.component, p.dur / 1000.0 AS us
FROM step_part p
JOIN judged_step j ON j.stage = p.stage AND j.step = p.step AND j.source_id IS NOT DISTINCT FROM p.source_id
WHERE p.stage = $stage
  AND (j.period IS NOT NULL OR NOT EXISTS (SELECT 1 FROM judged_step WHERE stage = $stage AND period IS NOT NULL))
ORDER BY p.component, p.ts

-- @query calls_to_compare
SELECT name, calls, dur / 1000.0 AS us FROM stage_call WHERE stage = $stage ORDER BY us DESC, name

-- @query token_parts
SELECT token, component, dur / 1000.0 AS us FROM token_component ORDER BY ALL

-- @query imbalance
SELECT avg(max_over_mean) AS ratio FROM expert_imbalance

-- @query ceilings
SELECT * FROM ceiling ORDER BY device, name

-- @query counters
SELECT event, scope, value, reason FROM perf_count ORDER BY value IS NULL, event

-- @query session_start
(SELECT coalesce(min(ts), 0) FROM slice)

-- @query steps_of_stage
-- A condition on a table of steps.
step IN (SELECT step FROM $steps WHERE belongs = $stage)

-- @query operations_of_steps
-- A condition on the operations of steps.
step IN (SELECT step FROM $steps WHERE $condition)

-- @query operations_in_steps
-- A condition on device operations.
id IN (SELECT id FROM step_op)

-- @query engines
SELECT engine, version FROM recorded_engine ORDER BY engine

-- @query settings
SELECT aim, state, evidence FROM shown_setting ORDER BY aim

-- @query flags
SELECT aim, engine, usage, since, until FROM remedy_flag
