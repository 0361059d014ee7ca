-- Everything that ran on a GPU, kernels, copies and memsets alike, with the host call that issued it; what has no possible time is left out.
-- @column id                 its row in slice
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column device             GPU ordinal; -1 where the recording does not tell
-- @column stream             stream on the device
-- @column kind               kernel, memcpy, memset, or graph for a replay that was recorded as a whole
-- @column class              compute, comm or copy; copies inside the device and memsets count as compute
-- @column short_name         short name of a kernel, name of a copy or memset
-- @column category           what part of a model it is likely to be, as in kernel_class; memcpy, memset and graph for these
-- @column nature             memory, compute or unknown, as in kernel_class
-- @column launch_id          the call that issued it; NULL where the recording has none
-- @column launch_ts [ns]     start of that call
-- @column launch_end [ns]    end of that call
-- @column launch_track       thread of that call
-- @column graph              whether it belongs to the replay of a CUDA graph
-- @column external_id        number shared with the operator; NULL where there is none
-- @column bytes [B]          bytes copied; NULL for kernels and memsets
-- @column direction          HtoD, DtoH, DtoD, PtoP; NULL for kernels and memsets
-- @column source_id          the source that it was read from
CREATE OR REPLACE TABLE device_op AS
WITH op AS (
  SELECT k.id, k.ts, k.dur, k.device, k.stream, 'kernel' AS kind,
         CASE WHEN k.collective IS NOT NULL OR c.category = 'communication' THEN 'comm' ELSE 'compute' END AS class,
         coalesce(c.short_name, k.name) AS short_name, coalesce(c.category, 'other') AS category,
         coalesce(c.nature, 'unknown') AS nature, launch_id, correlation, external_id, NULL::BIGINT AS bytes, NULL::VARCHAR AS direction,
         graph_node_id IS NOT NULL AS in_graph, source_id
  FROM kernel k
  LEFT JOIN kernel_class c ON c.name = k.name
  UNION ALL
  SELECT id, ts, dur, device, stream, 'memcpy',
         CASE WHEN kind IN ('HtoD', 'DtoH') THEN 'copy' WHEN kind = 'PtoP' THEN 'comm' ELSE 'compute' END,
         name, 'memcpy', 'memory', launch_id, correlation, external_id, bytes, kind, graph_node_id IS NOT NULL, source_id
  FROM memcpy
  UNION ALL
  SELECT s.id, s.ts, s.dur, t.device, t.stream, 'memset', 'compute', s.name, 'memset', 'memory', NULL, s.correlation, s.external_id,
         NULL, NULL, false, t.source_id
  FROM slice s
  JOIN track t ON t.id = s.track_id
  WHERE s.category = 'gpu_memset'
  UNION ALL
  SELECT s.id, s.ts, s.dur, t.device, t.stream, 'graph', 'compute', s.name, 'graph', 'unknown', NULL, s.correlation, s.external_id,
         NULL, NULL, true, t.source_id
  FROM slice s
  JOIN track t ON t.id = s.track_id
  WHERE s.category = 'cuda_graph'),
     call AS (
  SELECT source_id, correlation, min(id) AS id FROM launch WHERE kind IN ('memset', 'graph') GROUP BY ALL)
SELECT op.id, op.ts, op.ts + greatest(op.dur, 0) AS end_ts, coalesce(op.device, -1) AS device, op.stream, op.kind, op.class, op.short_name, op.category, op.nature,
       l.id AS launch_id, l.ts AS launch_ts, l.ts + l.dur AS launch_end, l.track_id AS launch_track,
       op.in_graph OR coalesce(l.kind = 'graph', false) AS graph,
       op.external_id, op.bytes, op.direction, op.source_id
FROM op
LEFT JOIN call ON op.launch_id IS NULL AND call.correlation = op.correlation AND call.source_id = op.source_id
LEFT JOIN launch l ON l.id = coalesce(op.launch_id, call.id)
WHERE op.ts IS NOT NULL
ORDER BY op.source_id, coalesce(op.device, -1), op.ts
