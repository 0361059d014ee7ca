-- Which part of T_token takes most of it, where nothing tells what limits it?
-- @needs    op, token
-- @column   stage                     decode
-- @column   part                      the part of T_token that takes most of it, as in component_def
-- @column   neck                      what people call it
-- @column   share [ratio]             its share of T_token
-- @column   bound                     unclear
-- @column   advice                    ceiling where none was measured; rest where it is what no piece accounts for; gpu where a GPU computes it; weightless where it reads no weights
-- @column   severity                  info; NULL where decode/bandwidth tells more
-- @finding  {neck} takes {share} of T_token
-- @remedy   It reads no weights, so bandwidth does not tell what limits it: look at its pieces (hourglass analyze SESSION op/cpu_operators).
-- @remedy_if ceiling  Measure the ceilings of this machine beside the run (hourglass profile does), and look at the largest part first.
-- @remedy_if rest     Most of a token passes outside the engine's pieces: other work on the machine, or the engine's own code between them. Record on a quiet machine.
-- @remedy_if gpu      What each of its kernels reads is not recorded: gpu/kernels has those of the steps that were traced, and hourglass roofline --device gpu tells what the card reaches at most.
-- @gain     not estimated
WITH told AS (
  SELECT component FROM op GROUP BY component
  HAVING sum(weight_bytes) > 0 AND sum(dur) > 0 AND EXISTS (SELECT 1 FROM ceiling WHERE name = 'dram_read' AND device = 'cpu' AND value > 0))
SELECT 'decode' AS stage, c.component AS part, d.label AS neck, sum(c.dur) * 1e0 / (SELECT sum(dur) FROM token) AS share, 'unclear' AS bound,
       CASE WHEN c.component = 'remainder' THEN 'rest'
            WHEN c.component = 't_gpu_computation' THEN 'gpu'
            WHEN NOT EXISTS (SELECT 1 FROM ceiling WHERE name = 'dram_read' AND device = 'cpu' AND value > 0) THEN 'ceiling'
            ELSE 'weightless' END AS advice,
       CASE WHEN c.component NOT IN (SELECT component FROM told) THEN 'info' END AS severity
FROM token_component c
JOIN component_def d ON d.name = c.component AND d.exclusive
GROUP BY c.component, d.label
ORDER BY share DESC, d.label
LIMIT 1
