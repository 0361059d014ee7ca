-- What does each way of observing cost?
-- @needs    token, observed_step
-- @column   how                     calls: the steps that are explained, with calls, copies, waits and graphs recorded; questions: the scheduler asks about each node; kernels: every kernel is recorded
-- @column   n [count]               steps
-- @column   median [ns]             their median
-- @column   beside [ns]             median of the steps that they are held against: of questions those that alternate with them, else those that nobody observed, in a process of their own
-- @column   cost [ratio]            how much longer the median is; negative where it is shorter
WITH step AS (
  SELECT 'calls' AS how, 'nobody' AS against, dur FROM token
  UNION ALL
  SELECT how, CASE how WHEN 'questions' THEN 'beside questions' ELSE 'nobody' END, dur FROM observed_step),
     quiet AS (
  SELECT 'nobody' AS against, median(dur) AS median FROM token_unprofiled
  UNION ALL
  SELECT how, median(dur) FROM observed_step WHERE how = 'beside questions' GROUP BY how)
SELECT s.how, count(*) AS n, median(s.dur) AS median, any_value(q.median) AS beside, median(s.dur) / nullif(any_value(q.median), 0) - 1 AS cost
FROM step s
LEFT JOIN quiet q USING (against)
WHERE s.how <> 'beside questions'
GROUP BY s.how
ORDER BY s.how
