-- Time of each component in each profiled step. With the component `remainder`, the rows of a step add up to its T_token.
-- @column token               the profiled step
-- @column component           component key
-- @column dur [ns]            sum of the component's pieces in the step
CREATE VIEW token_component AS
WITH present AS (SELECT DISTINCT component FROM op),
     part AS (
       SELECT t.token, p.component, TRY_CAST(coalesce(sum(o.dur), 0) AS BIGINT) AS dur
       FROM token t
       CROSS JOIN present p
       LEFT JOIN op o ON o.token = t.token AND o.component = p.component
       GROUP BY t.token, p.component)
SELECT token, component, dur FROM part
UNION ALL
SELECT t.token, 'remainder', TRY_CAST((t.dur - coalesce(sum(o.dur), 0)) AS BIGINT)
FROM token t
LEFT JOIN op o ON o.token = t.token
GROUP BY t.token, t.dur
