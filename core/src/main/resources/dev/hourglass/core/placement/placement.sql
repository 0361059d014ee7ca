-- What a session tells of its experts.

-- @query choices
SELECT layer, expert FROM expert_choice ORDER BY token, layer, slot

-- @query shape
-- How many tokens were recorded, layers with experts there are, experts of a layer, and chosen ones of a layer and token.
SELECT count(DISTINCT token) AS tokens, count(DISTINCT layer) AS layers, max(layer) AS last_layer,
       greatest(max(expert) + 1, coalesce((SELECT TRY_CAST(max(value) AS BIGINT) FROM metadata WHERE name = 'model.experts'), 0)) AS experts,
       max(slot) + 1 AS used,
       (SELECT TRY_CAST(max(value) AS BIGINT) FROM metadata WHERE name = 'model.expert_bytes') AS expert_bytes
FROM expert_choice

-- @query costs
-- Mean time of a token, of its part with experts on the CPU, how many experts were computed there, and the fastest rate of large copies to the GPU.
SELECT (SELECT avg(dur) FROM token) / 1000.0 AS token_us,
       (SELECT sum(dur) FROM op WHERE component = 't_cpu_computation') / 1000.0 / nullif((SELECT count(*) FROM token), 0) AS cpu_us,
       (SELECT count(*) FROM expert_choice) * 1e0 / nullif((SELECT count(*) FROM token), 0) AS used,
       (SELECT max(bytes * 1e0 / nullif(dur, 0)) FROM memcpy WHERE kind = 'HtoD' AND src_kind = 'pinned' AND bytes >= 1000000) AS copy_bytes_per_ns
