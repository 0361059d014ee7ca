-- What did each profiled step cost, and the unprofiled step beside it?
-- @needs    token, token_unprofiled
-- @column   token               the profiled step
-- @column   ts [ns]             start, since the first profiled step
-- @column   us [µs]             T_token
-- @column   unprofiled_us [µs]  the unprofiled step beside it
-- @column   position [tokens]   tokens in the KV cache at its start
SELECT t.token, t.ts - (SELECT min(ts) FROM token) AS ts, t.dur / 1000.0 AS us, u.dur / 1000.0 AS unprofiled_us, t.position
FROM token t
LEFT JOIN token_unprofiled u ON u.token = t.token
ORDER BY t.token
