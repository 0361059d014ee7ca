-- How close does each component of a decode step come to its least possible time?
-- @needs    op, step_work, op_cost
-- @column   component                a name of component_def
-- @column   measured_ns [ns]         mean time of a step
-- @column   least_ns [ns]            least time of a step, mean
-- @column   attainment [ratio]       least time / measured time
SELECT m.component, m.measured_ns, l.least_ns, l.least_ns / nullif(m.measured_ns, 0) AS attainment
FROM (SELECT component, sum(dur) * 1e0 / (SELECT count(*) FROM token) AS measured_ns FROM op GROUP BY component) m
JOIN (SELECT c.component, avg(c.least_ns) AS least_ns
      FROM step_work w
      JOIN (SELECT shape, component, CASE WHEN count(least_ns) = count(*) THEN sum(least_ns) END AS least_ns
            FROM op_cost GROUP BY shape, component) c USING (shape)
      WHERE w.source = 'token' GROUP BY c.component) l USING (component)
WHERE l.least_ns IS NOT NULL
ORDER BY m.measured_ns DESC, m.component
