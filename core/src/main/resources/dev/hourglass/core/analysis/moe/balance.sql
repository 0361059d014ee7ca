-- How evenly are the experts of each layer used?
-- @needs    expert_count
-- @column   layer                   transformer layer from 0
-- @column   experts [count]         experts that were chosen
-- @column   choices [count]         choices in all
-- @column   ratio [ratio]           most over mean choices of an expert that was chosen; healthy below 2
-- @column   max_min [ratio]         most over fewest choices of an expert that was chosen; healthy below 2
-- @column   deviation [ratio]       standard deviation over the mean; healthy below 0.3
-- @column   hottest                 the expert chosen most, the first of several
WITH chosen AS (
  SELECT layer, expert, TRY_CAST(sum(tokens) AS BIGINT) AS tokens
  FROM expert_count
  WHERE other_expert IS NULL
  GROUP BY layer, expert)
SELECT layer, count(*) AS experts, TRY_CAST(sum(tokens) AS BIGINT) AS choices, max(tokens) / nullif(avg(tokens), 0) AS ratio,
       max(tokens) * 1e0 / nullif(min(tokens), 0) AS max_min, stddev_pop(tokens) / nullif(avg(tokens), 0) AS deviation,
       first(expert ORDER BY tokens DESC, expert) AS hottest
FROM chosen
WHERE tokens > 0
GROUP BY layer
ORDER BY ratio DESC, layer
