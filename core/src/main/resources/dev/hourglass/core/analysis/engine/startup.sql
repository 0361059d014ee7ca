-- What does the engine do until its first step?
-- @needs    startup_span
-- @column   role                    frontend, engine, worker or python
-- @column   pid                     process
-- @column   category                import, load, compile, capture, kv, warm-up, tokenizer, …
-- @column   begin [ns]              first of them, since the first process began
-- @column   time [ns]               their time, what lies in others of the process left out
-- @column   share [ratio]           of the time until the first step; processes run side by side
-- @column   longest                 what took longest
WITH span AS (
  SELECT pid, role, category, name, ts, dur, depth FROM startup_span WHERE dur IS NOT NULL),
     own AS (
  SELECT s.*, s.dur - coalesce((SELECT sum(i.dur) FROM span i
                                WHERE i.pid = s.pid AND i.depth = s.depth + 1 AND i.ts >= s.ts AND i.ts + i.dur <= s.ts + s.dur), 0) AS own
  FROM span s),
     reach AS (
  SELECT least((SELECT min(start_ts) FROM probe_process), (SELECT min(ts) FROM startup_span)) AS first,
         coalesce((SELECT min(ts) FROM step), (SELECT max(ts + coalesce(dur, 0)) FROM startup_span)) AS last)
SELECT o.role, o.pid, o.category, min(o.ts) - any_value(r.first) AS begin, TRY_CAST(sum(o.own) AS BIGINT) AS time,
       sum(o.own) * 1e0 / nullif(any_value(r.last - r.first), 0) AS share, arg_max(o.name, o.own) AS longest
FROM own o, reach r
GROUP BY o.role, o.pid, o.category
ORDER BY time DESC, role, pid, category
