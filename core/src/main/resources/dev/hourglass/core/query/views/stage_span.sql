-- How long each stage lasted, over all its steps: what shares of a stage's time are of.
-- @column stage              as in judged_step
-- @column dur [ns]           periods of its usual steps together where GPUs saw them, of several GPUs the longest; else its steps together
CREATE VIEW stage_span AS
WITH seen AS (SELECT stage, max(total)::DOUBLE AS dur FROM stage_time GROUP BY stage)
SELECT stage, dur FROM seen
UNION ALL
SELECT stage, sum(dur) FROM judged_step WHERE stage NOT IN (SELECT stage FROM seen) GROUP BY stage
