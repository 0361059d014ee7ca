-- Which part of T_token takes most of it, where no ceiling of the machine tells what limits it?
-- @needs    op, token
-- @column   stage                     decode
-- @column   neck                      the part of T_token that takes most of it
-- @column   share [ratio]             its share of T_token
-- @column   bound                     unclear
-- @column   severity                  info; NULL where a ceiling was measured, so that decode/bound tells more
-- @finding  {neck} takes {share} of T_token
-- @remedy   Measure the ceilings of this machine, and look at the largest part first.
-- @gain     not estimated
SELECT 'decode' AS stage, d.label AS neck, sum(c.dur) * 1e0 / (SELECT sum(dur) FROM token) AS share, 'unclear' AS bound,
       CASE WHEN NOT EXISTS (SELECT 1 FROM ceiling WHERE name = 'dram_read' AND device = 'cpu')
              OR NOT EXISTS (SELECT 1 FROM op WHERE component = 't_cpu_computation' AND weight_bytes IS NOT NULL)
            THEN 'info' END AS severity
FROM token_component c
JOIN component_def d ON d.name = c.component AND d.exclusive
GROUP BY d.label
ORDER BY share DESC, d.label
LIMIT 1
