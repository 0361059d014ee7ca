SELECT s.ts, s.dur, s.name, s.depth, t.type, p.name AS parent
FROM slice s JOIN track t ON t.id = s.track_id LEFT JOIN slice p ON p.id = s.parent_id ORDER BY s.ts;
SELECT kind, count FROM import_stat WHERE kind <> 'no_base_time' ORDER BY kind;
