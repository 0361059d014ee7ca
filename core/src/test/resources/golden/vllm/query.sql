-- Stages from the engine's annotations: requests in prefill and in decode, tokens of each. A step of nothing is none.
SELECT kind, prefill_requests, prefill_tokens, decode_requests, decode_tokens, count(*) AS steps FROM stage GROUP BY ALL ORDER BY ALL;
SELECT category, count(*) AS events, sum(dur) AS ns FROM slice GROUP BY ALL ORDER BY ALL;
