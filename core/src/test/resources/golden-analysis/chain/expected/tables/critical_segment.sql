SELECT c.step, c.nth, c.kind, coalesce(o.short_name, l.name) AS name, (c.ts - t.ts) / 1000 AS ts, (c.end_ts - t.ts) / 1000 AS end_ts
FROM critical_segment c
CROSS JOIN (SELECT ts FROM slice WHERE name = 'decode_0') t
LEFT JOIN device_op o ON o.id = c.id
LEFT JOIN launch l ON l.id = c.id
