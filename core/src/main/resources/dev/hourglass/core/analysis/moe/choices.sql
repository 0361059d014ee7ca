-- Which experts are chosen most, and would be worth a place on the GPU?
-- @needs    expert_choice
-- @param    rows         64         how many are listed
-- @column   layer                   transformer layer from 0
-- @column   expert                  expert index from 0
-- @column   tokens [count]          steps that chose it
-- @column   share [ratio]           of all choices in the layer
-- @column   cover [ratio]           of all choices in all layers, those of this and the experts above it
-- @column   early [count]           choices in the first half of the recording
-- @column   late [count]            choices in the second half: a large change is drift
WITH half AS (SELECT median(token) AS middle FROM expert_choice),
     per AS (
  SELECT layer, expert, count(*) AS tokens, count(*) FILTER (token < half.middle) AS early,
         count(*) FILTER (token >= half.middle) AS late
  FROM expert_choice, half
  GROUP BY layer, expert)
SELECT layer, expert, tokens, tokens * 1e0 / sum(tokens) OVER (PARTITION BY layer) AS share,
       sum(tokens) OVER (ORDER BY tokens DESC, layer, expert ROWS UNBOUNDED PRECEDING) * 1e0 / sum(tokens) OVER () AS cover,
       early, late
FROM per
ORDER BY tokens DESC, layer, expert
LIMIT $rows
