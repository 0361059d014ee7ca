-- Matrix products whose shapes the framework recorded, with the kernels that computed them. Several kernels of one operator are one row. Of grouped products it is not recorded which weight matrices were chosen: with few rows each is taken to choose another, with many the bytes are unknown.
-- @column op_id              the operator in slice
-- @column operator           its name
-- @column m [count]          rows of the result
-- @column n [count]          columns of the result
-- @column k [count]          length of the inner dimension
-- @column batch [count]      products in the call
-- @column dtype              number format of the first matrix
-- @column flops [FLOP]       2 · m · n · k · batch
-- @column bytes [B]          both matrices and the result, each once; NULL where unknown
-- @column dur [ns]           time of its kernels
-- @column ts [ns]            start of the first of them
-- @column kernel             short name of the longest of them
-- @column step               the step that issued it; NULL outside all steps
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
CREATE OR REPLACE TABLE gemm_call AS
WITH product AS (
  SELECT d.id, d.external_id, s.name, t.source_id, TRY_CAST(d.input_dims AS JSON)::VARCHAR AS dims, d.input_types
  FROM op_detail d
  JOIN slice s ON s.id = d.id
  JOIN track t ON t.id = s.track_id
  WHERE d.input_dims IS NOT NULL
    AND s.name IN ('aten::mm', 'aten::addmm', 'aten::addmm_', 'aten::_addmm_activation', 'aten::bmm', 'aten::baddbmm',
                   'aten::baddbmm_', 'aten::mv', 'aten::addmv', 'aten::addmv_', 'aten::linear', 'aten::_int_mm',
                   'aten::_scaled_mm', 'aten::_grouped_mm', 'aten::_scaled_grouped_mm')),
     shape AS (
  SELECT DISTINCT name, dims, input_types, TRY_CAST(dims AS INTEGER[][])::HUGEINT[][] AS d, input_types::JSON->>0 AS dtype FROM product),
     pair AS (
  SELECT name, dims, input_types, dtype, CASE WHEN adds THEN d[2] ELSE d[1] END AS a,
         CASE WHEN adds THEN d[3] ELSE d[2] END AS b, name LIKE '%mv%' AS vector
  FROM (SELECT *, contains(name, 'add') AS adds FROM shape)),
     size AS (
  SELECT name, dims, input_types, dtype,
         CASE WHEN len(a) = 3 AND name <> 'aten::linear' THEN a[1] ELSE 1 END AS batch,
         CASE WHEN contains(name, 'grouped') AND len(b) = 3 THEN CASE WHEN a[1] * 4 <= b[1] THEN a[1] END ELSE 1 END AS groups,
         CASE WHEN name = 'aten::linear' THEN TRY_CAST(list_product(a[:-2]) AS BIGINT) ELSE a[-2] END AS m,
         a[-1] AS k, CASE WHEN vector THEN 1 WHEN name = 'aten::linear' THEN b[1] ELSE b[-1] END AS n,
         CASE WHEN regexp_matches(dtype, '(?i)float8|char|int8') THEN 1
              WHEN regexp_matches(dtype, '(?i)half|bfloat16|float16') THEN 2
              WHEN regexp_matches(dtype, '(?i)double') THEN 8 ELSE 4 END AS width
  FROM pair
  WHERE len(a) >= 2 AND len(b) >= CASE WHEN vector THEN 1 ELSE 2 END),
     run AS (
  SELECT o.source_id, o.external_id, o.device, any_value(s.step) AS step, TRY_CAST(sum(o.end_ts - o.ts) AS BIGINT) AS dur,
         min(o.ts) AS ts, max_by(o.short_name, o.end_ts - o.ts) AS kernel
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  WHERE o.external_id IS NOT NULL AND o.kind = 'kernel'
  GROUP BY ALL)
SELECT p.id AS op_id, p.name AS operator, z.m::BIGINT AS m, z.n::BIGINT AS n, z.k::BIGINT AS k, z.batch::BIGINT AS batch, z.dtype,
       TRY_CAST(2 * z.m * z.n * z.k * z.batch AS BIGINT) AS flops,
       TRY_CAST(z.batch * (z.m * z.k + z.groups * z.k * z.n + z.m * z.n) * z.width AS BIGINT) AS bytes,
       r.dur, r.ts, r.kernel, r.step, r.device, r.source_id
FROM product p
JOIN size z ON z.name = p.name AND z.dims = p.dims AND z.input_types IS NOT DISTINCT FROM p.input_types
JOIN run r ON r.external_id = p.external_id AND r.source_id = p.source_id
WHERE z.m > 0 AND z.n > 0 AND z.k > 0
