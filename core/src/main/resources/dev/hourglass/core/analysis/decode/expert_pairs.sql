-- Which experts are chosen together most often?
-- @needs    expert_choice
-- @param    most  10        pairs to list
-- @column   layer           transformer layer from 0
-- @column   first           the lower expert index
-- @column   second          the higher expert index
-- @column   tokens [count]  profiled steps that chose both
SELECT layer, first, second, tokens
FROM expert_pair
ORDER BY tokens DESC, layer, first, second
LIMIT $most
