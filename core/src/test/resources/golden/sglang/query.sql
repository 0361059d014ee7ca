SELECT name, kind, prefill_requests, prefill_tokens, decode_requests, decode_tokens, dur FROM stage ORDER BY ts;
-- A replay of a graph is one call with several kernels.
SELECT l.kind, l.ops, string_agg(k.name, ' ' ORDER BY k.ts) AS kernels, max(k.ts + k.dur) - min(k.ts) AS wall_ns
FROM launch l JOIN kernel k ON k.launch_id = l.id GROUP BY ALL ORDER BY ALL;
