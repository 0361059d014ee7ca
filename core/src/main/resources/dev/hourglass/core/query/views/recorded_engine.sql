-- Whose work the recording shows: engines, and pytorch where its operators or functions are in it. Without a row nothing told.
-- @column engine             as in remedy_flag: vllm, sglang, tensorrt-llm, transformers, rtp-llm, ktransformers, llama.cpp, pytorch
-- @column version            its release; NULL where not told
-- @column evidence           what told
CREATE VIEW recorded_engine AS
WITH known (engine, word) AS (VALUES
  ('vllm', 'vllm'), ('sglang', 'sglang'), ('tensorrt-llm', 'tensorrt_llm'), ('rtp-llm', 'rtp_llm'), ('ktransformers', 'kt_kernel'),
  ('ktransformers', 'ktransformers'), ('transformers', 'transformers'), ('llama.cpp', 'llama.cpp'), ('pytorch', 'torch')),
     stated AS (
  SELECT lower(value) AS engine, (SELECT any_value(value) FROM metadata WHERE name = 'engine.version') AS version, 'the recorder''s own facts' AS evidence, 1 AS rank
  FROM metadata WHERE name = 'engine.name'
  UNION ALL
  SELECT 'vllm', value, 'vllm_version in the trace', 1 FROM metadata WHERE name LIKE 'source.%.vllm_version'
  UNION ALL
  SELECT k.engine, nullif(regexp_extract(p.software, k.word || ' ([0-9][0-9A-Za-z.]*)', 1), ''), 'what the probe says of its process', 1
  FROM probe_process p JOIN known k ON contains(lower(p.software), k.word || ' ')),
     function AS (
  SELECT DISTINCT regexp_extract(left(name, 400), '(?:^|-packages/)([A-Za-z_]+)/', 1) AS package
  FROM slice WHERE category = 'python_function'),
     seen AS (
  SELECT 'vllm' AS engine, NULL::VARCHAR AS version, 'files of a profiler of vLLM' AS evidence, 3 AS rank FROM source WHERE format = 'profilemate'
  UNION ALL
  SELECT k.engine, NULL, 'its functions are on the stacks', 2
  FROM function f JOIN known k ON f.package = k.word
  UNION ALL
  SELECT CASE WHEN starts_with(name, 'execute_context_') OR starts_with(name, 'execute_new_') THEN 'vllm'
              WHEN starts_with(name, 'step[DECODE') OR starts_with(name, 'step[EXTEND') THEN 'sglang' END, NULL, 'names of its steps', 3
  FROM stage
  UNION ALL
  SELECT CASE WHEN starts_with(name, 'vllm::') THEN 'vllm' WHEN starts_with(name, 'sgl_kernel::') THEN 'sglang'
              WHEN starts_with(name, 'trtllm::') THEN 'tensorrt-llm' WHEN starts_with(name, 'aten::') THEN 'pytorch' END, NULL, 'names of its operators', 4
  FROM (SELECT DISTINCT name FROM cpu_op)
  UNION ALL
  SELECT CASE WHEN starts_with(name, 'vllm:') THEN 'vllm' WHEN starts_with(name, 'sglang:') THEN 'sglang' WHEN starts_with(name, 'llamacpp:') THEN 'llama.cpp' END,
         NULL, 'names of its metrics', 4
  FROM (SELECT DISTINCT name FROM metric)),
     told AS (SELECT * FROM stated UNION ALL SELECT DISTINCT * FROM seen)
SELECT engine, max(version) AS version, min_by(evidence, (version IS NULL, rank)) AS evidence
FROM told
WHERE engine IN (SELECT engine FROM known)
  -- Every engine that is written in Python brings the library along.
  AND (engine <> 'transformers' OR NOT EXISTS (SELECT 1 FROM told t WHERE t.engine IN ('vllm', 'sglang', 'tensorrt-llm', 'rtp-llm', 'ktransformers')))
GROUP BY engine
