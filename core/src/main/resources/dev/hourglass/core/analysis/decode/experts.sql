-- How often was each expert chosen?
-- @needs    expert_choice
-- @column   layer           transformer layer from 0
-- @column   expert          expert index from 0
-- @column   tokens [count]  profiled steps that chose it
SELECT layer, expert, tokens
FROM expert_activation
ORDER BY layer, expert
