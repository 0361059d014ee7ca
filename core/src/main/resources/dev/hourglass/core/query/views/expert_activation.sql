-- How often each expert of each layer was chosen. Experts that were never chosen have no row.
-- @column layer               transformer layer from 0
-- @column expert              expert index from 0
-- @column tokens [count]      profiled steps that chose it
-- @column share [ratio]       of all choices in the layer
-- @column mean_weight [ratio] mean factor applied to its output when chosen
CREATE VIEW expert_activation AS
SELECT layer, expert, count(*) AS tokens,
       count(*)::DOUBLE / sum(count(*)) OVER (PARTITION BY layer) AS share,
       avg(weight) AS mean_weight
FROM expert_choice
GROUP BY layer, expert
