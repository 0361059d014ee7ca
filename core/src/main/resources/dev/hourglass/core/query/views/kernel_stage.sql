-- The stage of each kernel: the innermost one around its launch on the host's clock; kernels without a launch call or outside all stages have none.
-- @column id         the kernel
-- @column stage_id   the stage
-- @column kind       prefill, decode, mixed or other
-- @column name       name of the stage
CREATE VIEW kernel_stage AS
SELECT k.id, arg_max(g.id, g.depth) AS stage_id, arg_max(g.kind, g.depth) AS kind, arg_max(g.name, g.depth) AS name
FROM kernel k
LEFT JOIN launch l ON l.id = k.launch_id
LEFT JOIN stage g ON l.ts >= g.ts AND l.ts < g.ts + g.dur AND g.source_id = k.source_id
GROUP BY k.id
