-- What lies in the usual periods of each stage: the steps, and the spans between two steps before them.
-- @column stage              which stage
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column step               the step or the span, as in host_step
-- @column between            whether it is a span between two steps
CREATE VIEW usual_step AS
SELECT stage, device, source_id, step, false AS "between" FROM step_period WHERE usual
UNION ALL
SELECT stage, device, source_id, span, true FROM step_period WHERE usual AND span IS NOT NULL
