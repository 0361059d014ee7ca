-- What did recording cost the engine?
-- @needs    probe_process
-- @param    ended        0.9        of the steps that must have an end, so that their time is known
-- @param    confidence   1.96       deviations of a count of windows on either side of its half: 95 % confidence
-- @column   engine                  engine process
-- @column   role                    frontend, engine, worker or python
-- @column   pid                     process
-- @column   calls [count]           calls that went through the probe
-- @column   time [ns]               time that the engine's threads spent in it, as it clocked itself
-- @column   per_call [ns]           of one call
-- @column   per_step [ns]           of one of the engine's steps
-- @column   share [ratio]           of the time in which steps ran; NULL where the ends of too many are not known
-- @column   serving [ns]            of one step while the engine served: median over the windows between heart beats; NULL where no window has a step
-- @column   serving_low [ns]        lower end of its interval of 95 % confidence, by ranks; NULL below 8 windows
-- @column   serving_high [ns]       upper end of it
-- @column   t_token [ns]            median time that a request waits for its next token; NULL where not told
-- @column   of_t_token [ratio]      serving as a share of it
-- @column   written [B]             what it wrote
-- @column   dropped [count]         records that were dropped
-- @column   errors [count]          errors, all contained
WITH ran AS (
  SELECT engine, count(*) AS steps, CASE WHEN count(dur) >= $ended * count(*) THEN sum(dur) END AS ns FROM step GROUP BY engine),
     token AS (
  SELECT engine, median(gap) * 1e0 AS t_token FROM request_token WHERE gap IS NOT NULL GROUP BY engine),
     beat AS (
  SELECT b.pid, b.engine, b.ts, b.self_ns * 1e0 / count(*) AS cost
  FROM probe_beat b
  JOIN step s ON s.engine IS NOT DISTINCT FROM b.engine AND s.ts >= b.ts AND s.ts < b.ts + b.dur
  GROUP BY b.pid, b.engine, b.ts, b.self_ns),
     windows AS (
  SELECT pid, engine, median(cost) AS middle, list(cost ORDER BY cost) AS costs, CAST(floor((count(*) - $confidence * sqrt(count(*))) / 2) AS BIGINT) AS rank
  FROM beat GROUP BY pid, engine)
SELECT coalesce(p.engine, 'no engine') AS engine, p.role, p.pid, p.calls, p.self_ns AS time, p.self_ns * 1e0 / nullif(p.calls, 0) AS per_call,
       p.self_ns * 1e0 / nullif(r.steps, 0) AS per_step, p.self_ns * 1e0 / nullif(r.ns, 0) AS share,
       w.middle AS serving, CASE WHEN w.rank >= 1 THEN w.costs[w.rank] END AS serving_low, CASE WHEN w.rank >= 1 THEN w.costs[len(w.costs) + 1 - w.rank] END AS serving_high,
       t.t_token, w.middle / nullif(t.t_token, 0) AS of_t_token, p.bytes AS written, p.dropped, p.errors
FROM probe_process p
LEFT JOIN ran r ON r.engine IS NOT DISTINCT FROM p.engine
LEFT JOIN token t ON t.engine IS NOT DISTINCT FROM p.engine
LEFT JOIN windows w ON w.pid = p.pid AND w.engine IS NOT DISTINCT FROM p.engine
ORDER BY time DESC NULLS LAST, role, pid
