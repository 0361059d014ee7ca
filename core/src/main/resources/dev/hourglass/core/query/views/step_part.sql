-- What the time of each step of judged_step consists of. The parts of a step do not overlap and add up to its dur; a part that a step has nothing of may be missing.
-- @column stage              as in judged_step
-- @column step               as in judged_step
-- @column source_id          as in judged_step
-- @column ts [ns]            as in judged_step
-- @column component          name of the part: of component_def, or t_communication, or t_peer for waits for other GPUs, where its stage has some
-- @column dur [ns]           its time in the step; a mean over GPUs where the step was seen by them
CREATE VIEW step_part AS
WITH device_part AS (
  SELECT c.counted AS step, c.counted_source AS source_id,
         unnest([{'name': 't_gpu_computation', 'dur': avg(compute)}, {'name': 't_communication', 'dur': avg(communication)},
                 {'name': 't_pcie_transfer', 'dur': avg(copy)}, {'name': 't_gpu_kernel_launch', 'dur': avg(launch)},
                 {'name': 't_sync', 'dur': avg(sync)}, {'name': 't_scheduling', 'dur': avg(host)},
                 {'name': 't_peer', 'dur': avg(coalesce(peer, 0))},
                 {'name': 'remainder', 'dur': avg(rest - coalesce(peer, 0))}]) AS part
  FROM step_period p
  JOIN counted_step c ON c.step = p.step AND c.source_id = p.source_id
  WHERE p.judged
  GROUP BY c.counted, c.counted_source),
     edge AS (
  SELECT step, track_id, ts AS moment, -1 AS sign FROM host_period
  UNION ALL
  SELECT step, track_id, end_ts, 1 FROM host_period),
     inside AS (
  SELECT e.step, TRY_CAST(sum(e.sign * coalesce(s.before + least(e.moment, s.end_ts) - s.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN (SELECT track_id, ts, end_ts, before FROM host_span WHERE part = 'known') s
    ON s.track_id = e.track_id AND e.moment >= s.ts
  GROUP BY e.step)
SELECT 'decode' AS stage, c.token AS step, NULL::BIGINT AS source_id, t.ts, c.component, c.dur::DOUBLE AS dur
FROM token_component c
JOIN token t USING (token)
UNION ALL
SELECT j.stage, j.step, j.source_id, j.ts, d.part.name, d.part.dur
FROM judged_step j
JOIN device_part d ON d.step = j.step AND d.source_id = j.source_id
WHERE j.told = 'device' AND (d.part.name <> 't_peer' OR j.stage IN (SELECT stage FROM step_period WHERE judged AND peer > 0))
UNION ALL
SELECT j.stage, j.step, j.source_id, j.ts, 't_cpu_computation', i.ns::DOUBLE
FROM judged_step j
JOIN inside i ON i.step = j.step
WHERE j.told = 'host'
UNION ALL
SELECT j.stage, j.step, j.source_id, j.ts, 't_scheduling', j.dur - i.ns
FROM judged_step j
JOIN inside i ON i.step = j.step
WHERE j.told = 'host'
