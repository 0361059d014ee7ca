SELECT l.ts, l.dur, l.name, l.kind, l.ops, l.first_ts, l.last_end_ts, t.tid FROM launch l JOIN thread t USING (utid) ORDER BY l.ts;
SELECT k.ts, k.dur, k.name, k.device, k.stream, k.registers, k.grid_y, k.block_x, k.shared_bytes, k.graph_node_id, l.name AS call
FROM kernel k LEFT JOIN launch l ON l.id = k.launch_id ORDER BY k.ts;
SELECT kind, src_kind, dst_kind, bytes, dur FROM memcpy;
SELECT name, kind, ts, dur FROM stage;
SELECT time_base, offset_ns, align_method FROM source;
SELECT kind, severity, count FROM import_stat ORDER BY kind;
