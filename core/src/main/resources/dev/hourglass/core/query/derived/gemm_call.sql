-- Matrix products whose shapes the framework recorded, with the kernels that computed them. Several kernels of one operator are one row. Of grouped products it is not recorded which weight matrices were chosen: with few rows each is taken to choose another, with many the bytes are unknown.
-- @column op_id              the operator in slice
-- @column operator           its name
-- @column m [count]          rows of the result
-- @column n [count]          columns of the result
-- @column k [count]          length of the inner dimension, in numbers: where two share a byte, twice what the shape says
-- @column batch [count]      products in the call
-- @column dtype              number format of the first matrix, as the framework calls it
-- @column format             number format in which it multiplies, that of the wider matrix: fp4, int8, fp8, bf16 (any of 16 bits), tf32 where the kernel says so, fp32, fp64; NULL where it is not told
-- @column flops [FLOP]       2 · m · n · k · batch
-- @column bytes [B]          both matrices and the result, each once and in its own format; NULL where unknown. The result of a scaled product has the format that was asked for, 16 bits where that was not recorded
-- @column dur [ns]           time of its kernels
-- @column ts [ns]            start of the first of them
-- @column kernel             short name of the longest of them
-- @column step               the step that issued it; NULL outside all steps
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
CREATE OR REPLACE TABLE gemm_call AS
WITH rule (name, a, b, across, pack, asked, given, made) AS (
  -- Which inputs are the matrices; whether the second has a row for each column of the result; numbers in a byte where
  -- the operator decides it; the input that asks for the result's format; the input that is the result; half bytes of a
  -- number of the result where neither tells.
  VALUES ('aten::mm', 1, 2, false, 1, NULL, NULL, NULL), ('aten::bmm', 1, 2, false, 1, NULL, NULL, NULL),
         ('aten::mv', 1, 2, false, 1, NULL, NULL, NULL), ('aten::addmm', 2, 3, false, 1, NULL, NULL, NULL),
         ('aten::addmm_', 2, 3, false, 1, NULL, NULL, NULL), ('aten::_addmm_activation', 2, 3, false, 1, NULL, NULL, NULL),
         ('aten::baddbmm', 2, 3, false, 1, NULL, NULL, NULL), ('aten::baddbmm_', 2, 3, false, 1, NULL, NULL, NULL),
         ('aten::addmv', 2, 3, false, 1, NULL, NULL, NULL), ('aten::addmv_', 2, 3, false, 1, NULL, NULL, NULL),
         ('aten::linear', 1, 2, true, 1, NULL, NULL, NULL), ('aten::_grouped_mm', 1, 2, false, 1, NULL, NULL, NULL),
         ('aten::_int_mm', 1, 2, false, 1, NULL, NULL, 8), ('aten::_weight_int8pack_mm', 1, 2, true, 1, NULL, NULL, NULL),
         ('aten::_scaled_mm', 1, 2, false, 1, 7, NULL, 4), ('aten::_scaled_mm_v2', 1, 2, false, 1, NULL, NULL, 4),
         ('aten::_scaled_grouped_mm', 1, 2, false, 1, 8, NULL, 4), ('aten::_scaled_grouped_mm_v2', 1, 2, false, 1, NULL, NULL, 4),
         ('_C::cutlass_scaled_mm', 2, 3, false, 1, NULL, 1, 4), ('_C::cutlass_scaled_mm_azp', 2, 3, false, 1, NULL, 1, 4),
         ('_C::cutlass_scaled_fp4_mm', 2, 3, true, 2, NULL, 1, 4), ('sgl_kernel::cutlass_scaled_fp4_mm', 2, 3, true, 2, NULL, 1, 4),
         ('sgl_kernel::fp8_scaled_mm', 1, 2, false, 1, NULL, NULL, 4), ('sgl_kernel::int8_scaled_mm', 1, 2, false, 1, NULL, NULL, 4),
         ('fbgemm::f8f8bf16', 1, 2, true, 1, NULL, NULL, 4), ('fbgemm::f8f8bf16_rowwise', 1, 2, true, 1, NULL, NULL, 4),
         ('fbgemm::i8i8bf16', 1, 2, true, 1, NULL, NULL, 4)),
     product AS (
  SELECT d.id, d.external_id, s.name, t.source_id, TRY_CAST(d.input_dims AS JSON)::VARCHAR AS dims, d.input_types,
         TRY_CAST(d.concrete_inputs AS JSON)->>(r.asked - 1)::INTEGER AS asked
  FROM op_detail d
  JOIN slice s ON s.id = d.id
  JOIN rule r ON r.name = s.name
  JOIN track t ON t.id = s.track_id
  WHERE d.input_dims IS NOT NULL),
     shape AS (
  SELECT DISTINCT name, dims, input_types, asked, TRY_CAST(dims AS INTEGER[][])::HUGEINT[][] AS d, TRY_CAST(input_types AS JSON) AS types
  FROM product),
     pair AS (
  SELECT s.name, s.dims, s.input_types, s.asked, s.d[r.a] AS a, s.d[r.b] AS b, r.across, r.pack, r.made,
         s.types->>(r.a - 1)::INTEGER AS dtype, coalesce(s.types->>(r.a - 1)::INTEGER, '') AS a_type,
         coalesce(nullif(s.types->>(r.b - 1)::INTEGER, ''), s.types->>(r.a - 1)::INTEGER, '') AS b_type,
         coalesce(s.types->>(r.given - 1)::INTEGER, '') AS given, s.name LIKE '%mv%' AS vector
  FROM shape s
  JOIN rule r ON r.name = s.name),
     type AS (
  -- Half bytes of a number.
  SELECT type, format, CASE format WHEN 'fp4' THEN 1 WHEN 'fp8' THEN 2 WHEN 'int8' THEN 2 WHEN 'bf16' THEN 4 WHEN 'fp64' THEN 16 ELSE 8 END AS width
  FROM (SELECT type,
               CASE WHEN regexp_matches(type, '(?i)float4|e2m1') THEN 'fp4' WHEN regexp_matches(type, '(?i)float8|e4m3|e5m2') THEN 'fp8'
                    WHEN regexp_matches(type, '(?i)char|int8|byte') THEN 'int8' WHEN regexp_matches(type, '(?i)half|bfloat16|float16') THEN 'bf16'
                    WHEN regexp_matches(type, '(?i)double') THEN 'fp64' WHEN regexp_matches(type, '(?i)float') THEN 'fp32' END AS format
        FROM (SELECT a_type AS type FROM pair UNION SELECT b_type FROM pair UNION SELECT given FROM pair))),
     told AS (
  SELECT p.* EXCLUDE (pack), CASE WHEN p.pack = 2 OR a.format = 'fp4' THEN 2 ELSE 1 END AS pack,
         CASE WHEN p.pack = 2 THEN 1 ELSE a.width END AS a_width, CASE WHEN p.pack = 2 THEN 1 ELSE b.width END AS b_width,
         CASE WHEN p.pack = 2 THEN 'fp4' WHEN b.width > a.width THEN b.format ELSE a.format END AS format,
         CASE WHEN p.asked IN ('5', '15') THEN 4 WHEN p.asked IN ('3', '6') THEN 8 WHEN p.asked = '7' THEN 16
              WHEN p.asked IN ('0', '1', '23', '24', '25', '26') THEN 2
              WHEN g.format IS NOT NULL THEN g.width ELSE coalesce(p.made, a.width) END AS made_width
  FROM pair p
  JOIN type a ON a.type = p.a_type
  JOIN type b ON b.type = p.b_type
  JOIN type g ON g.type = p.given
  WHERE len(p.a) >= 2 AND len(p.b) >= CASE WHEN p.vector THEN 1 ELSE 2 END),
     size AS (
  SELECT name, dims, input_types, asked, dtype, format, a_width, b_width, made_width,
         CASE WHEN len(a) = 3 AND name <> 'aten::linear' THEN a[1] ELSE 1 END AS batch,
         CASE WHEN contains(name, 'grouped') AND len(b) = 3 THEN CASE WHEN a[1] * 4 <= b[1] THEN a[1] END ELSE 1 END AS groups,
         CASE WHEN name = 'aten::linear' THEN TRY_CAST(list_product(a[:-2]) AS BIGINT) ELSE a[-2] END AS m,
         a[-1] * pack AS k, CASE WHEN vector THEN 1 WHEN across THEN b[1] ELSE b[-1] END AS n
  FROM told),
     run AS (
  SELECT o.source_id, o.external_id, o.device, any_value(s.step) AS step, TRY_CAST(sum(o.end_ts - o.ts) AS BIGINT) AS dur,
         min(o.ts) AS ts, max_by(o.short_name, o.end_ts - o.ts) AS kernel
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  WHERE o.external_id IS NOT NULL AND o.kind = 'kernel'
  GROUP BY ALL)
SELECT p.id AS op_id, p.name AS operator, z.m::BIGINT AS m, z.n::BIGINT AS n, z.k::BIGINT AS k, z.batch::BIGINT AS batch, z.dtype,
       CASE WHEN z.format = 'fp32' AND regexp_matches(r.kernel, 'tf32|s1688|TF32') THEN 'tf32' ELSE z.format END AS format,
       TRY_CAST(2 * z.m * z.n * z.k * z.batch AS BIGINT) AS flops,
       TRY_CAST(z.batch * (z.m * z.k * z.a_width + z.groups * z.k * z.n * z.b_width + z.m * z.n * z.made_width) // 2 AS BIGINT) AS bytes,
       r.dur, r.ts, r.kernel, r.step, r.device, r.source_id
FROM product p
JOIN size z ON z.name = p.name AND z.dims = p.dims AND z.input_types IS NOT DISTINCT FROM p.input_types AND z.asked IS NOT DISTINCT FROM p.asked
JOIN run r ON r.external_id = p.external_id AND r.source_id = p.source_id
WHERE z.m > 0 AND z.n > 0 AND z.k > 0
