SELECT ts, dur, name, depth FROM slice ORDER BY ts;
SELECT c.ts, t.name, c.value FROM counter c JOIN track t ON t.id = c.track_id;
SELECT time_base, align_method, residual_ns FROM source;
SELECT kind, severity, count FROM import_stat;
