-- How long each rank waits for the others in collectives, in the usual steps of each stage. Empty where the session has one rank.
-- @column stage              which stage
-- @column source_id          the rank's source
-- @column device             its GPU
-- @column ranks [count]      ranks that took part
-- @column waited [ns]        waiting per step
-- @column exposed [ns]       of it, that no compute runs beside
CREATE VIEW rank_wait AS
SELECT u.stage, c.source_id, c.device, max(c.ranks) AS ranks, sum(c.waited) * 1e0 / count(DISTINCT c.seq) AS waited,
       sum(c.exposed) * 1e0 / count(DISTINCT c.seq) AS exposed
FROM collective_wait c
JOIN usual_step u ON u.step = c.step AND u.device = c.device AND u.source_id = c.source_id AND NOT u."between"
GROUP BY u.stage, c.source_id, c.device
