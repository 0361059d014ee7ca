-- How unevenly a layer's experts were chosen. With few tokens even a fair router looks uneven: compare with max_over_mean of a uniform draw.
-- @column layer                  transformer layer from 0
-- @column experts_used [count]   distinct experts chosen
-- @column choices [count]        choices in all
-- @column max_over_mean [ratio]  the most chosen expert's count over the mean count of all experts
CREATE VIEW expert_imbalance AS
WITH total AS (SELECT value::BIGINT AS experts FROM metadata WHERE name = 'model.experts'),
     used AS (SELECT layer, expert, count(*) AS n FROM expert_choice GROUP BY layer, expert)
SELECT layer, count(*) AS experts_used, TRY_CAST(sum(n) AS BIGINT) AS choices,
       max(n)::DOUBLE * (SELECT experts FROM total) / sum(n) AS max_over_mean
FROM used
GROUP BY layer
