-- Every span of a step's wall in which nothing runs on the GPU, with what the host did meanwhile. The parts add up to dur.
-- @column step               the step, as in gpu_step
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column dur [ns]           length
-- @column opener             the device operation that ends it; NULL where the step ends first
-- @column cause              sync (a wait let the queue run dry), issue (the host issued the next work too late), queued (it was issued before, the GPU had not begun it), tail (no more work in the step), unknown (the recording has no call for the next work: what the host did in the gap is taken for the cause; where it has nothing of the host, nothing is)
-- @column operator [ns]      launch-bound time inside operators, of one gap at most 200 µs: what is longer is code inside an operator, not the dispatch of one, and counts as host; where the source records no operators, other code before a launch that is no longer than four times the usual pause between two launches of its thread (20 to 200 µs), the length of an operator's dispatch
-- @column call [ns]          launch-bound time inside runtime calls
-- @column flight [ns]        from the end of the launch call to the start of the work
-- @column sync [ns]          time that a wait caused, less other code
-- @column host [ns]          time in code that is neither operator, call, wait nor compilation; in operators only behind the last work of a step
-- @column queued [ns]        time for which work was issued and the GPU had not begun it
-- @column replay [ns]        of the time queued, that between the nodes of one graph replay
-- @column peer [ns]          time in a wait while another GPU of the same source was busy
-- @column recorder [ns]      cost of the recording: what a graph launch takes longer than usual because each of its nodes is traced
-- @column compile [ns]       time in which the host compiles code
-- @column track_id           thread of the host whose doing is told; NULL where there is none
-- @column unknown [ns]       time that cannot be attributed: in a wait, with no call recorded for the next work
CREATE OR REPLACE TABLE gpu_gap AS
WITH blind AS (
  SELECT id AS source_id FROM source
  WHERE id NOT IN (SELECT t.source_id FROM slice s JOIN track t ON t.id = s.track_id
                   WHERE s.category IN ('cpu_op', 'python_function') GROUP BY t.source_id)),
     mute AS (SELECT source_id FROM blind WHERE source_id NOT IN (SELECT source_id FROM launch WHERE source_id IS NOT NULL)),
     paced AS (
  SELECT b.source_id, l.track_id, l.kind, l.ts - lag(l.ts + l.dur) OVER thread AS pause, lag(l.kind) OVER thread AS before
  FROM launch l
  JOIN blind b ON b.source_id = l.source_id
  WHERE l.kind <> 'other'
  WINDOW thread AS (PARTITION BY l.track_id ORDER BY l.ts, l.id)),
     dispatch AS (
  SELECT track_id, least(200000, greatest(20000, 4 * median(pause)))::BIGINT AS longest
  FROM paced
  WHERE pause >= 0 AND before <> 'sync' AND kind IN ('kernel', 'memcpy', 'memset')
  GROUP BY track_id),
     thread_of AS (
  SELECT source_id, first(track_id ORDER BY n DESC, track_id) AS track_id
  FROM (SELECT source_id, track_id, count(*) AS n FROM launch GROUP BY ALL)
  GROUP BY source_id),
     hole AS (
  SELECT source_id, device, lag(end_ts) OVER lane AS ts, ts AS end_ts, opener FROM busy_span WHERE part = 'all'
  WINDOW lane AS (PARTITION BY source_id, device ORDER BY ts)
  UNION ALL
  SELECT source_id, device, max(end_ts), NULL, NULL FROM busy_span WHERE part = 'all' GROUP BY ALL),
     numbered AS (
  SELECT *, row_number() OVER (PARTITION BY source_id, device ORDER BY end_ts NULLS LAST) AS nth
  FROM hole
  WHERE ts IS NULL OR end_ts IS NULL OR end_ts > ts),
     reach AS (
  -- The holes that a step touches, by their numbers: to pair each step with each hole would grow with the square.
  SELECT g.*, coalesce(over.nth, 0) + 1 AS first_hole, begun.nth AS last_hole
  FROM gpu_step g
  ASOF LEFT JOIN (SELECT * FROM numbered WHERE end_ts IS NOT NULL) over
    ON over.source_id = g.source_id AND over.device = g.device AND g.ts >= over.end_ts
  ASOF JOIN (SELECT * REPLACE (coalesce(ts, -9223372036854775807) AS ts) FROM numbered) begun
    ON begun.source_id = g.source_id AND begun.device = g.device AND g.end_ts > begun.ts),
     cut AS (
  SELECT g.step, g.device, g.source_id, g.track_id,
         greatest(g.ts, coalesce(h.ts, g.ts)) AS a, least(g.end_ts, coalesce(h.end_ts, g.end_ts)) AS b,
         coalesce(h.ts >= g.ts, false) AS opens_inside,
         CASE WHEN h.end_ts <= g.end_ts THEN h.opener END AS opener
  FROM (SELECT *, unnest(range(first_hole, last_hole + 1)) AS nth FROM reach) g
  JOIN numbered h ON h.source_id = g.source_id AND h.device = g.device AND h.nth = g.nth),
     called AS (
  SELECT c.*, o.launch_ts, o.launch_end, o.graph, l.kind = 'graph' AND l.ops >= 8 AS traced,
         l.kind = 'graph' AS replays, coalesce(o.launch_track, CASE WHEN c.track_id IN (SELECT track_id FROM launch) THEN c.track_id END, t.track_id, c.track_id) AS host,
         greatest(least(coalesce(o.launch_ts, b), b), a) AS he,
         greatest(least(coalesce(o.launch_end, b), b), a) AS ce
  FROM cut c
  LEFT JOIN device_op o ON o.id = c.opener
  LEFT JOIN launch l ON l.id = o.launch_id
  LEFT JOIN thread_of t ON t.source_id = c.source_id
  WHERE b > a),
     waited AS (
  SELECT c.*, row_number() OVER () AS gap,
         CASE WHEN c.opens_inside AND w.end_ts > c.a AND w.end_ts <= coalesce(c.launch_ts, c.b)
              THEN least(w.end_ts, c.b) END AS woken
  FROM called c
  ASOF LEFT JOIN (SELECT track_id, ts, end_ts FROM host_span WHERE part = 'wait') w
    ON w.track_id = c.host AND c.a >= w.ts),
     edge AS (
  SELECT gap, host, part, coalesce(woken, a) AS at, -1 AS sign FROM waited, (VALUES ('known'), ('call'), ('wait'), ('compile')) p (part)
  UNION ALL
  SELECT gap, host, part, he, 1 FROM waited, (VALUES ('known'), ('call'), ('wait'), ('compile')) p (part)),
     covered AS (
  SELECT e.gap, e.part, TRY_CAST(sum(e.sign * coalesce(h.before + least(e.at, h.end_ts) - h.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN host_span h ON h.track_id = e.host AND h.part = e.part AND e.at >= h.ts
  GROUP BY ALL),
     peered AS (
  SELECT e.gap, TRY_CAST(sum(e.sign * coalesce(h.before + least(e.at, h.end_ts) - h.ts, 0)) AS BIGINT) AS ns
  FROM (SELECT gap, source_id, a AS at, -1 AS sign FROM waited WHERE woken IS NOT NULL
        UNION ALL SELECT gap, source_id, woken, 1 FROM waited WHERE woken IS NOT NULL) e
  ASOF LEFT JOIN (SELECT source_id, ts, end_ts, before FROM busy_span WHERE part = 'any') h
    ON h.source_id = e.source_id AND e.at >= h.ts
  GROUP BY ALL),
     split AS (
  SELECT gap, max(ns) FILTER (WHERE part = 'known') AS known, max(ns) FILTER (WHERE part = 'call') AS call,
         max(ns) FILTER (WHERE part = 'wait') AS wait, max(ns) FILTER (WHERE part = 'compile') AS compile
  FROM covered
  GROUP BY gap),
     told AS (
  SELECT w.*, m.source_id IS NOT NULL AS mute,
         CASE WHEN opener IS NULL THEN 'tail'
                   WHEN launch_ts IS NULL THEN 'unknown'
                   WHEN launch_end <= a THEN 'queued'
                   ELSE 'issue' END AS kind,
         greatest(he - coalesce(woken, a), 0) AS free, s.known, s.call, s.wait, s.compile, least(s.known - s.call, 200000) AS dispatched, coalesce(p.ns, 0) AS peer,
         CASE WHEN b.source_id IS NOT NULL
                   AND greatest(w.he - coalesce(w.woken, w.a), 0) - s.known
                       <= CASE WHEN w.replays THEN 20000 ELSE coalesce(d.longest, 200000) END
              THEN greatest(w.he - coalesce(w.woken, w.a), 0) - s.known ELSE 0 END AS unnamed,
         CASE WHEN w.traced AND w.launch_end > w.a THEN greatest(0, b - he - 20000) ELSE 0 END AS recorder
  FROM waited w
  JOIN split s ON s.gap = w.gap
  LEFT JOIN peered p ON p.gap = w.gap
  LEFT JOIN blind b ON b.source_id = w.source_id
  LEFT JOIN mute m ON m.source_id = w.source_id
  LEFT JOIN dispatch d ON d.track_id = w.host)
SELECT step, device, source_id, a AS ts, b AS end_ts, b - a AS dur, opener,
       CASE WHEN mute THEN 'unknown' WHEN woken IS NOT NULL THEN 'sync' ELSE kind END AS cause,
       CASE WHEN mute THEN 0 WHEN woken IS NULL AND kind IN ('issue', 'unknown') THEN dispatched + unnamed ELSE 0 END AS operator,
       CASE WHEN woken IS NULL AND kind = 'issue' THEN call - compile - wait + ce - he - least(recorder, ce - he)
            WHEN woken IS NULL AND kind IN ('tail', 'unknown') THEN call - compile - wait ELSE 0 END AS call,
       CASE WHEN woken IS NULL AND kind = 'issue' THEN b - ce - greatest(0, recorder - (ce - he)) ELSE 0 END AS flight,
       CASE WHEN woken IS NOT NULL THEN b - a - (free - known - unnamed) - peer - compile
            WHEN kind IN ('issue', 'tail') THEN wait ELSE 0 END AS sync,
       CASE WHEN mute THEN 0 WHEN woken IS NOT NULL THEN free - known - unnamed
            WHEN kind IN ('issue', 'unknown') THEN free - call - dispatched - unnamed
            WHEN kind = 'tail' THEN free - call ELSE 0 END AS host,
       CASE WHEN woken IS NULL AND kind = 'queued' THEN b - a ELSE 0 END AS queued,
       CASE WHEN woken IS NULL AND kind = 'queued' AND graph THEN b - a ELSE 0 END AS replay,
       CASE WHEN woken IS NOT NULL THEN peer ELSE 0 END AS peer,
       CASE WHEN woken IS NULL AND kind = 'issue' THEN recorder ELSE 0 END AS recorder,
       CASE WHEN NOT mute AND (woken IS NOT NULL OR kind <> 'queued') THEN compile ELSE 0 END AS compile,
       CASE WHEN mute THEN b - a WHEN woken IS NULL AND kind = 'unknown' THEN wait ELSE 0 END AS unknown, host AS track_id
FROM told
ORDER BY source_id, device, ts
