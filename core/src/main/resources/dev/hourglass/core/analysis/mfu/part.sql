-- Where does a step's least possible time lie, part by part?
-- @needs    step_work, op_cost
-- @column   phase                    prefill or decode
-- @column   part                     group of operators, for example attn_core
-- @column   flops [FLOP]             FLOP of a step, serving convention, mean
-- @column   bytes [B]                bytes of a step, mean
-- @column   least_ns [ns]            least time of a step, mean; NULL where a peak is not known
-- @column   share [ratio]            of the phase's least time
SELECT phase, part, flops, bytes, least_ns,
       least_ns / sum(least_ns) OVER (PARTITION BY phase) AS share
FROM (SELECT w.phase, c.part,
             sum(c.flops) / count(DISTINCT w.ref) AS flops,
             sum(c.bytes) / count(DISTINCT w.ref) AS bytes,
             sum(c.least_ns) / count(DISTINCT w.ref) AS least_ns
      FROM step_work w JOIN op_cost c USING (shape)
      GROUP BY w.phase, c.part)
ORDER BY phase DESC, least_ns DESC NULLS LAST, flops DESC
