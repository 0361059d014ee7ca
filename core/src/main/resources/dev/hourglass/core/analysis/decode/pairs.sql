-- What did each profiled step cost beside the unprofiled one that ran next to it?
-- @needs    token, token_unprofiled
-- @column   token               the profiled step
-- @column   profiled [ns]       its T_token
-- @column   unprofiled [ns]     that of the step beside it
SELECT t.token, t.dur AS profiled, u.dur AS unprofiled
FROM token t
JOIN token_unprofiled u USING (token)
ORDER BY t.token
