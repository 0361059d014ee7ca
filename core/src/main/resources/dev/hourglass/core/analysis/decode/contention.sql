-- Did other work on the machine disturb the run?
-- @needs    token
-- @column   stage                     decode
-- @column   level                     none, some or severe, as the recorder judged
-- @column   reason                    its numbers in a sentence
-- @column   severity                  warning where it was severe
-- @finding  {reason}
-- @remedy   Run again on a quiet machine, or pin the engine's threads.
-- @gain     not estimated
SELECT 'decode' AS stage, l.value AS level, coalesce(r.value, '') AS reason,
       CASE WHEN l.value = 'severe' THEN 'warning' END AS severity
FROM metadata l
LEFT JOIN metadata r ON r.name = 'contention.reason'
WHERE l.name = 'contention.level'
