-- How long each stage lasted, over all its steps: what shares of a stage's time are of.
-- @column stage              as in judged_step
-- @column dur [ns]           steps, and where they were seen by GPUs the spans between them, together; of several GPUs the longest
CREATE VIEW stage_span AS
WITH seen AS (SELECT stage, max(total)::DOUBLE AS dur FROM stage_time GROUP BY stage)
SELECT stage, dur FROM seen
UNION ALL
SELECT stage, sum(dur) FROM judged_step WHERE stage NOT IN (SELECT stage FROM seen) GROUP BY stage
