SELECT engine, id AS wanting
FROM remedy_flag
WHERE id IS NULL OR aim IS NULL OR serves IS NULL OR source IS NULL OR checked IS NULL OR try_cast(checked AS DATE) IS NULL
   OR kind NOT IN ('flag', 'env', 'setting', 'api', 'command') OR NOT contains(usage, spelling)
   OR engine NOT IN ('vllm', 'sglang', 'tensorrt-llm', 'transformers', 'rtp-llm', 'ktransformers', 'llama.cpp', 'pytorch', 'any')
   OR (aim, engine, usage, since) IN (SELECT (aim, engine, usage, since) FROM remedy_flag GROUP BY ALL HAVING count(*) > 1)
UNION ALL
SELECT engine, 'two rows are ' || id FROM remedy_flag GROUP BY engine, id HAVING count(*) > 1
UNION ALL
SELECT aim, 'serves different things' FROM remedy_flag GROUP BY aim HAVING count(DISTINCT serves) > 1
