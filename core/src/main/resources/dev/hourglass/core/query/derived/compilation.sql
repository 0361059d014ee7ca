-- Spans in which a thread of the host compiles code for the GPU, as names of functions and events tell: Triton, Inductor, Dynamo, run-time compilers of CUDA and HIP, kernels built at their first use. A span inside another is left out.
-- @column id                 the slice
-- @column track_id           the thread
-- @column source_id          the source that it was read from
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column compiler           what compiles
-- @column name               name of the function or event
CREATE OR REPLACE TABLE compilation AS
WITH name AS (
  SELECT DISTINCT name, lower(left(name, 400)) AS text FROM slice
  WHERE category IN ('python_function', 'cpu_op', 'user_annotation', 'annotation', 'nvtx', 'cuda_runtime', 'cuda_driver', 'ac2g')
     OR category IS NULL),
     part AS (
  -- A function of Python: its file, then its line in parentheses, then what it is called.
  SELECT name, text, CASE WHEN contains(text, '): ') THEN left(text, strpos(text, '): ')) ELSE '' END AS file,
         CASE WHEN contains(text, '): ') THEN substr(text, strpos(text, '): ') + 3) ELSE '' END AS function
  FROM name),
     named AS (
  SELECT name,
         CASE WHEN contains(file, 'triton/') AND (contains(function, 'compile') OR function IN ('make_ir', 'ast_to_ttir') OR starts_with(function, '_bench') OR starts_with(function, 'benchmark'))
                THEN 'Triton'
              WHEN contains(file, '_inductor/') AND (contains(function, 'compile') OR contains(function, 'codegen') OR starts_with(function, 'benchmark')) THEN 'Inductor'
              WHEN contains(file, '_dynamo/') AND contains(function, 'compile') THEN 'Dynamo'
              WHEN contains(file, 'cpp_extension') AND function IN ('load', 'load_inline', '_jit_compile', '_write_ninja_file_and_build_library') THEN 'an extension'
              WHEN (contains(file, 'flashinfer/jit') OR contains(file, 'deep_gemm') OR contains(file, 'tilelang') OR contains(file, 'tvm') OR contains(file, 'cutlass')
                    OR contains(file, 'cupy') OR contains(file, 'numba') OR contains(file, 'jax/') OR contains(file, 'pallas'))
                AND (contains(function, 'compile') OR starts_with(function, 'build')) THEN 'a kernel library'
              WHEN file = '' AND contains(text, '(dynamo_timed)') AND contains(text, 'compile') THEN 'Dynamo'
              WHEN file = '' AND (contains(text, 'nvrtccompileprogram') OR contains(text, 'hiprtccompileprogram') OR contains(text, 'nvjitlinkcomplete')) THEN 'the run-time compiler'
              WHEN file = '' AND (starts_with(text, 'xlacompile') OR contains(text, 'backend_compile') OR starts_with(text, 'triton.compile') OR starts_with(text, 'triton_compile')) THEN 'XLA or Triton'
         END AS compiler
  FROM part),
     found AS (
  SELECT s.id, s.track_id, t.source_id, s.ts, s.ts + s.dur AS end_ts, n.compiler, s.name
  FROM slice s
  JOIN named n ON n.name = s.name AND n.compiler IS NOT NULL
  JOIN track t ON t.id = s.track_id
  WHERE s.dur > 0)
SELECT *
FROM found
QUALIFY coalesce(ts >= max(end_ts) OVER (PARTITION BY track_id ORDER BY ts, end_ts DESC, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)
ORDER BY source_id, track_id, ts
