SELECT category, count(*) AS events, sum(dur) AS ns FROM slice WHERE dur >= 0 AND category IS NOT NULL GROUP BY ALL ORDER BY category;
SELECT count(DISTINCT name) AS kernels, count(*) AS executions, count(DISTINCT launch_id) AS launches FROM kernel;
