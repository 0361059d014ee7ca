-- Does the GPU wait because the host issues work too slowly?
-- @needs    device_op, launch
-- @bound    launch
-- @param    limit        0.15   share of the time from which it is a warning
-- @param    severe       0.40   share from which it is critical
-- @param    node_us      1      time in µs that one kernel adds to a graph replay beside its own
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   share [ratio]       idle inside operators and launch calls, of the stage's time
-- @column   time [ns]           that idle time per step
-- @column   wall [ns]           mean wall of a step
-- @column   busy_ratio [ratio]  GPU busy, of the stage's time
-- @column   kernels [count]     kernels per step, without those between steps
-- @column   mean_kernel [ns]    mean duration of these kernels
-- @column   graph [ns]          estimated time from token to token if all its kernels were one graph replay
-- @column   coverage [ratio]    of these kernels, those that come from graph replays
-- @column   beside [count]      the others, per step
-- @column   advice              which remedy fits: `replayed` where most kernels come from replays, `elsewhere` where those of another stage do, else none
-- @column   stake [ratio]       share less the part that waits inside the step caused, as in bound/sync
-- @column   gain [ratio]        what that would save at most, of the stage's time
-- @column   severity            info, warning or critical
-- @finding  {stage} on GPU {device} waits for launches {share} of its time: the GPU is busy {busy_ratio} of it, in {kernels} kernels per step of {mean_kernel} on average
-- @remedy   [no_stacks if stacks] The recording has stacks, which make launches longer than they are: record again without them before changing anything. [graphs] Replay the step as a CUDA graph. [compile] Fewer and larger kernels: compile the model. [batch] Or raise the batch, so that each launch carries more work.
-- @remedy_if replayed  [no_stacks if stacks] The recording has stacks, which make launches longer than they are: record again without them before changing anything. [] CUDA graphs are on: {coverage} of the kernels of {stage} come from replays. What is left are the calls beside them: {beside} kernels per step that are launched one by one (gpu/launches), and the call of the replay itself. [compile] Fewer of them: compile what runs outside the graph. [batch] Raise the batch, so that each launch carries more work.
-- @remedy_if elsewhere [no_stacks if stacks] The recording has stacks, which make launches longer than they are: record again without them before changing anything. [] CUDA graphs are on in other stages; of the kernels of {stage} {coverage} come from replays. [graph_sizes] Capture the sizes of these steps too. [compile] Fewer and larger kernels: compile the model. [step_tokens] Or put more tokens into each step.
-- @gain     at most: the idle time in launches that no wait caused, less {node_us} µs per kernel, which a replay needs. Where most kernels come from graph replays already, that idle time alone
WITH again AS (
  SELECT s.stage, r.device, r.source_id, sum(r.refill) AS refill
  FROM sync_refill r
  JOIN usual_step s ON s.step = r.step AND s.device = r.device AND s.source_id = r.source_id
  GROUP BY ALL),
     own AS (
  SELECT s.stage, o.device, o.source_id, count(*) AS n, avg(o.end_ts - o.ts) AS mean, count(*) FILTER (o.graph) AS graphed
  FROM device_op o
  JOIN step_op p ON p.id = o.id
  JOIN usual_step s ON s.step = p.step AND s.device = o.device AND s.source_id = o.source_id
  WHERE o.kind = 'kernel' AND NOT s."between"
  GROUP BY ALL),
     rated AS (
  SELECT t.*, coalesce(k.n, 0) AS within, k.mean, coalesce(k.graphed, 0) AS graphed, (t.launch - coalesce(a.refill, 0)) * 1e0 / t.total AS own,
         greatest(0, t.launch - coalesce(a.refill, 0) - CASE WHEN t.launches * 2 >= t.kernels THEN t.kernels * $node_us * 1000 ELSE 0 END) AS saved
  FROM stage_time t
  LEFT JOIN own k ON k.stage = t.stage AND k.device = t.device AND k.source_id = t.source_id
  LEFT JOIN again a ON a.stage = t.stage AND a.device = t.device AND a.source_id = t.source_id
  WHERE t.wall > 0 AND t.ops > 0)
SELECT stage, device, source_id, launch * 1e0 / total AS share, launch * 1e0 / steps AS time, wall * 1e0 / steps AS wall,
       busy * 1e0 / total AS busy_ratio, round(within * 1e0 / steps) AS kernels, coalesce(mean, 0) AS mean_kernel,
       (total - saved) * 1e0 / steps AS graph,
       coalesce(graphed * 1e0 / nullif(within, 0), 0) AS coverage, round((within - graphed) * 1e0 / steps) AS beside,
       CASE WHEN graphed * 2 >= within AND within > 0 THEN 'replayed' WHEN max(graphed * 1e0 / nullif(within, 0)) OVER () >= 0.5 THEN 'elsewhere' ELSE 'none' END AS advice,
       own AS stake,
       saved * 1e0 / total AS gain,
       CASE WHEN own >= $severe THEN 'critical' WHEN own >= $limit THEN 'warning'
            WHEN own >= 0.03 THEN 'info' END AS severity
FROM rated
ORDER BY launch DESC, stage, device, source_id
