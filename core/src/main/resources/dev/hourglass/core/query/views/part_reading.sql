-- How fast each part of T_token of a decode run reads its weights, of the parts that do not overlap and that pieces were timed of.
-- @column component               a name of component_def
-- @column label                   what people call it
-- @column share [ratio]           its share of T_token
-- @column mean [ns]               its time per token
-- @column weight_bytes [B]        bytes of weights that it reads per token; NULL where no piece tells. Keys and values come on top
-- @column rate [B/s]              these over its time
-- @column ceiling [B/s]           highest measured read bandwidth of memory; NULL where none was measured
-- @column ratio [ratio]           rate over ceiling
-- @column weighing_ratio [ratio]  of its time, in pieces that read weights
-- @column format                  number format of most of its weights; NULL where the session does not tell
-- @column weights                 the same in words: Q4_0 weights, or weights
-- @column repacked                whether llama.cpp repacks weights of the format for the vector units of this kind of processor (ggml-cpu/repack.cpp); NULL where the format is not told
-- @column bits                    bits per weight, scales included
-- @column largest                 whether no part takes longer
CREATE VIEW part_reading AS
WITH whole AS (SELECT sum(dur) AS dur, count(*) AS n FROM token),
     best AS (SELECT max(value) AS value FROM ceiling WHERE name = 'dram_read' AND device = 'cpu' AND value > 0),
     tensor AS (
  SELECT CASE WHEN name LIKE 'output.weight%' THEN 'lm_head' WHEN name LIKE 'token_embd%' THEN 'embedding' WHEN name LIKE '%norm%' THEN 'norm'
              WHEN name LIKE '%ffn_gate_inp%' THEN 't_routing' WHEN name LIKE '%ffn_%' THEN 't_cpu_computation'
              WHEN name LIKE '%attn%' OR name LIKE '%ssm%' THEN 'attention' END AS component, type, size_bytes, elements
  FROM weight_tensor),
     stored AS (
  -- A head that is tied to the embedding reads its table.
  SELECT component, type, sum(size_bytes) AS size, sum(elements) AS elements FROM tensor GROUP BY ALL
  UNION ALL
  SELECT 'lm_head', type, sum(size_bytes), sum(elements) FROM tensor
  WHERE component = 'embedding' AND NOT EXISTS (SELECT 1 FROM tensor WHERE component = 'lm_head')
  GROUP BY type),
     kept AS (
  SELECT component, first(type ORDER BY size DESC, type) AS format, sum(size) * 8e0 / nullif(sum(elements), 0) AS bits
  FROM stored
  GROUP BY component),
     part AS (
  SELECT component, sum(dur) AS dur, sum(weight_bytes) AS bytes, coalesce(sum(dur) FILTER (weight_bytes > 0), 0) AS weighing
  FROM op
  GROUP BY component
  HAVING sum(dur) > 0)
SELECT p.component, d.label, p.dur * 1e0 / w.dur AS share, p.dur * 1e0 / w.n AS mean, p.bytes * 1e0 / w.n AS weight_bytes, p.bytes * 1e9 / p.dur AS rate,
       b.value AS ceiling, p.bytes * 1e9 / p.dur / b.value AS ratio, p.weighing * 1e0 / p.dur AS weighing_ratio, k.format,
       coalesce(k.format || ' ', '') || 'weights' AS weights,
       regexp_matches(k.format, CASE WHEN EXISTS (SELECT 1 FROM metadata m WHERE m.name = 'host.arch' AND m.value IN ('aarch64', 'arm64'))
                                     THEN '^(Q4_0|IQ4_NL|Q[2-8]_K|Q8_0)$' ELSE '^(Q4_0|IQ4_NL|Q4_K|Q2_K)$' END) AS repacked, k.bits,
       p.dur = max(p.dur) OVER () AS largest
FROM part p
JOIN component_def d ON d.name = p.component AND d.exclusive
CROSS JOIN whole w
CROSS JOIN best b
LEFT JOIN kept k ON k.component = p.component
