-- Where does a step's least possible time lie, part by part?
-- @needs    step_work, op_cost
-- @column   phase                    prefill or decode
-- @column   part                     group of operators, for example attn_core
-- @column   flops [FLOP]             FLOP of a step that has the part, serving convention, mean
-- @column   bytes [B]                bytes of a step, mean
-- @column   least_ns [ns]            least time of a step, mean; NULL where a peak is not known
-- @column   share [ratio]            of the phase's least time
SELECT phase, part, flops, bytes, least_ns,
       least_ns / nullif(sum(least_ns) OVER (PARTITION BY phase), 0) AS share
FROM (SELECT w.phase, c.part, avg(c.flops) AS flops, avg(c.bytes) AS bytes, avg(c.least_ns) AS least_ns
      FROM step_work w
      JOIN (SELECT shape, part, sum(flops) AS flops, sum(bytes) AS bytes,
                   CASE WHEN count(least_ns) = count(*) THEN sum(least_ns) END AS least_ns
            FROM op_cost GROUP BY shape, part) c USING (shape)
      GROUP BY w.phase, c.part)
ORDER BY phase DESC, least_ns DESC NULLS LAST, flops DESC, part
