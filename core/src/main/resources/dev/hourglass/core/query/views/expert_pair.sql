-- How often two experts of a layer were chosen for the same token.
-- @column layer               transformer layer from 0
-- @column first               the lower expert index
-- @column second              the higher expert index
-- @column tokens [count]      profiled steps that chose both
CREATE VIEW expert_pair AS
SELECT a.layer, a.expert AS first, b.expert AS second, count(*) AS tokens
FROM expert_choice a
JOIN expert_choice b ON a.token = b.token AND a.layer = b.layer AND a.expert < b.expert
GROUP BY a.layer, a.expert, b.expert
