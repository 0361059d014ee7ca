SELECT ts, snapshot, name, type, engine, meaning, value FROM metric ORDER BY rowid;
