-- How long does each layer take, by component?
-- @needs    op
-- @column   layer           transformer layer from 0
-- @column   component       component key
-- @column   us [µs]         mean time per token
SELECT layer, component, sum(dur) / 1000.0 / (SELECT count(*) FROM token) AS us
FROM op
WHERE layer IS NOT NULL
GROUP BY layer, component
ORDER BY layer, component
