-- How many experts must be on the GPU so that most choices find theirs there?
-- @needs    expert_choice
-- @column   experts_placed [ratio]     of all experts of all layers, those chosen most
-- @column   placed [count]             how many these are
-- @column   cover [ratio]              of all choices that fall on them
-- @column   cover_later [ratio]        of the choices in the second half of the run, if the experts are picked by its first half: what a placement made beforehand would cover
-- @column   per_token [count]          choices per token that still need an expert elsewhere, by cover_later
WITH size AS (
  SELECT count(DISTINCT layer) * coalesce((SELECT max(TRY_CAST(value AS BIGINT)) FROM metadata WHERE name = 'model.experts'), max(expert) + 1) AS experts,
         count(*) * 1e0 / count(DISTINCT token) AS choices_per_token
  FROM expert_choice),
     half AS (
  SELECT token, row_number() OVER (ORDER BY token) * 2 <= count(*) OVER () AS early FROM (SELECT DISTINCT token FROM expert_choice)),
     per AS (
  SELECT layer, expert, count(*) AS n, count(*) FILTER (h.early) AS early, count(*) FILTER (NOT h.early) AS late
  FROM expert_choice e
  JOIN half h ON h.token = e.token
  GROUP BY ALL),
     ranked AS (
  SELECT *, row_number() OVER (ORDER BY n DESC, layer, expert) AS by_all, row_number() OVER (ORDER BY early DESC, layer, expert) AS by_early
  FROM per),
     level AS (
  SELECT share, greatest(1, round(share * s.experts))::BIGINT AS placed, s.choices_per_token
  FROM (VALUES (0.05), (0.10), (0.20), (0.30), (0.50), (0.75)) v (share)
  CROSS JOIN size s
  WHERE s.experts > 0)
SELECT l.share AS experts_placed, l.placed, sum(r.n) FILTER (r.by_all <= l.placed) * 1e0 / sum(r.n) AS cover,
       sum(r.late) FILTER (r.by_early <= l.placed) * 1e0 / sum(r.late) AS cover_later,
       l.choices_per_token * (1 - sum(r.late) FILTER (r.by_early <= l.placed) * 1e0 / sum(r.late)) AS per_token
FROM level l
CROSS JOIN ranked r
GROUP BY l.share, l.placed, l.choices_per_token
ORDER BY l.share
