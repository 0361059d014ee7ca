SELECT s.ts, s.dur, s.name, s.category, s.correlation, t.name AS track, t.stream FROM slice s JOIN track t ON t.id = s.track_id ORDER BY s.ts;
