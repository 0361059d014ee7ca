-- The steps that count in the figures of their stages, each once: the ranks of one run take a step together. A source is a rank where it says so and every source that does has another number.
-- @column stage              which stage
-- @column step               a step of one rank, as in step_period
-- @column source_id          its source
-- @column counted            by which step of the run it counts: that of the lowest rank at the same position in its stage
-- @column counted_source     the source of that step
CREATE VIEW counted_step AS
WITH ranks AS (SELECT count(rank) > 1 AND count(DISTINCT rank) = count(rank) AS told FROM source),
     seen AS (
  SELECT stage, step, source_id, min(end_ts) AS end_ts FROM step_period WHERE judged GROUP BY ALL),
     placed AS (
  SELECT p.stage, p.step, p.source_id, s.rank, CASE WHEN s.rank IS NOT NULL AND r.told THEN -1 ELSE p.source_id END AS run,
         row_number() OVER (PARTITION BY p.stage, p.source_id ORDER BY p.end_ts, p.step) AS nth
  FROM seen p
  CROSS JOIN ranks r
  LEFT JOIN source s ON s.id = p.source_id)
SELECT stage, step, source_id, first(step) OVER same AS counted, first(source_id) OVER same AS counted_source
FROM placed
WINDOW same AS (PARTITION BY stage, run, nth ORDER BY rank, source_id)
