-- The recipes of the engine's guide, as they stand there: time by kernel, and the sum over rows of the
-- time from the row before, which counts work that overlaps as negative idle time: -30 - 30 + 25.
SELECT name, count(*) AS cnt, sum(dur) AS total FROM slice WHERE category = 'kernel' GROUP BY name ORDER BY total DESC, name;
WITH k AS (SELECT ts, dur, row_number() OVER (ORDER BY ts) AS n FROM slice WHERE category = 'kernel')
SELECT sum(b.ts - (a.ts + a.dur)) AS naive_idle_ns FROM k a JOIN k b ON b.n = a.n + 1;
-- What is true: the union of the work.
SELECT device, busy_ns, idle_ns, gaps FROM device_idle;
