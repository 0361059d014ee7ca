-- The router's weights by rank of the choice.
-- @column layer               transformer layer from 0
-- @column slot                rank of the choice, 0 for the router's first
-- @column n [count]           choices
-- @column mean [ratio]        mean weight
-- @column stddev [ratio]      standard deviation of the weight
CREATE VIEW routing_weight AS
SELECT layer, slot, count(*) AS n, avg(weight) AS mean, coalesce(stddev_samp(weight), 0) AS stddev
FROM expert_choice
GROUP BY layer, slot
