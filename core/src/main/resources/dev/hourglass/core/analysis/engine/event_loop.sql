-- How busy are the event loops of a front end, and what blocks them?
-- @needs    slice
-- @param    rows         20         how many kinds of blocks are listed for each loop
-- @param    blocked      50000000   length of a block in ns from which it is worth a finding: others wait for it
-- @param    full         0.80       busy share from which it is worth a finding: what comes waits
-- @column   thread                  thread of the loop
-- @column   busy [ratio]            of the loop's recorded time, not waiting for events
-- @column   time [ns]               that recorded time
-- @column   what                    function that the loop ran: the outermost below its own
-- @column   calls [count]           how often
-- @column   total [ns]              its time together
-- @column   longest [ns]            its longest run, in which nothing else ran on the loop
-- @column   advice                  which remedy fits
-- @column   severity                warning for the longest of a loop, where it blocks or the loop is full; NULL else
-- @finding  The event loop of {thread} is busy {busy} of {time}; its longest block is {longest} in {what}, which ran {calls} times
-- @remedy   While a block runs, no request is read and no token is sent: move that work to threads or processes (tokenising, templates, images, serialising), or split it.
-- @remedy_if full     [front_end] The loop has hardly time left: spread the front end over processes. [stream_less] Send tokens in batches. [log_less] Switch off logging and metrics per request.
-- @gain     not estimated
WITH python AS (
  SELECT s.id, s.ts, s.dur, s.name, s.track_id, s.parent_id, s.depth
  FROM slice s
  WHERE s.category = 'python_function' AND s.dur >= 0),
     waiting AS (
  SELECT id, track_id, ts, ts + dur AS end_ts, dur FROM python
  WHERE regexp_matches(name, '^selectors\.py\([0-9]+\): select$|method (poll|select|control) of select\.|uvloop.*: __?poll')),
     outer_wait AS (SELECT w.* FROM waiting w JOIN python p ON p.id = w.id WHERE p.parent_id IS NULL OR p.parent_id NOT IN (SELECT id FROM waiting)),
     loop AS (
  SELECT track_id, min(ts) AS ts, max(ts + dur) AS end_ts
  FROM python
  WHERE track_id IN (SELECT track_id FROM outer_wait)
    AND track_id IN (SELECT track_id FROM python WHERE contains(name, 'asyncio/') OR contains(name, 'uvloop'))
  GROUP BY track_id),
     idle AS (SELECT track_id, sum(dur) AS dur FROM outer_wait GROUP BY track_id),
     own AS (
  -- The loop's own functions, and what stands around it.
  SELECT id FROM python WHERE regexp_matches(name, 'asyncio/(base_events|events|runners|tasks|unix_events|selector_events)\.py\(|^<built-in method run of|Context object')),
     block AS (
  SELECT p.track_id, p.name, p.dur
  FROM python p
  JOIN loop l ON l.track_id = p.track_id
  JOIN python above ON above.id = p.parent_id
  WHERE p.id NOT IN (SELECT id FROM own) AND above.id IN (SELECT id FROM own) AND p.id NOT IN (SELECT id FROM waiting)),
     kind AS (
  SELECT track_id, name, count(*) AS calls, sum(dur) AS total, max(dur) AS longest FROM block GROUP BY ALL),
     ranked AS (
  SELECT *, row_number() OVER (PARTITION BY track_id ORDER BY longest DESC, total DESC, name) AS nth FROM kind)
SELECT coalesce(th.name, 'thread ' || l.track_id) AS thread, 1 - i.dur * 1e0 / nullif(l.end_ts - l.ts, 0) AS busy, l.end_ts - l.ts AS time, r.name AS what,
       r.calls, TRY_CAST(r.total AS BIGINT) AS total, r.longest,
       CASE WHEN r.longest < $blocked THEN 'full' ELSE 'blocked' END AS advice,
       CASE WHEN r.nth = 1 AND (r.longest >= $blocked OR 1 - i.dur * 1e0 / nullif(l.end_ts - l.ts, 0) >= $full) THEN 'warning' END AS severity
FROM loop l
JOIN idle i ON i.track_id = l.track_id
JOIN ranked r ON r.track_id = l.track_id
JOIN track t ON t.id = l.track_id
LEFT JOIN thread th ON th.utid = t.utid
WHERE r.nth <= $rows
ORDER BY l.track_id, r.nth
