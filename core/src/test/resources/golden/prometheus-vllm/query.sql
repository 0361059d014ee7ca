SELECT ts, snapshot, name, type, engine, meaning, value FROM metric ORDER BY rowid;
SELECT labels FROM metric WHERE snapshot = 1;
SELECT kind, severity, count FROM import_stat;
