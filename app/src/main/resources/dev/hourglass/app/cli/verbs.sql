-- What the verbs ask a session beside the analyses.

-- @query inputs
SELECT name, format, path, size_bytes, events, time_base, align_method, residual_ns FROM source ORDER BY id

-- @query facts
SELECT name, value FROM metadata WHERE name <> 'session.form' ORDER BY name

-- @query fact
-- The one of a name.
SELECT value FROM metadata WHERE name = $name

-- @query not_measured
SELECT item, status, reason, how_to_record FROM not_measured ORDER BY item

-- @query losses
-- What was lost or repaired while the session was made.
SELECT source, kind, severity, count, place FROM import_stat ORDER BY ALL

-- @query tables
-- Those that are stored.
SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary ORDER BY table_name

-- @query row_count
SELECT count(*) AS n FROM $table

-- @query tables_and_views
SELECT table_name AS name, 'table' AS kind, estimated_size AS rows FROM duckdb_tables() WHERE NOT temporary
UNION
SELECT view_name, 'view', NULL FROM duckdb_views()
WHERE NOT internal AND view_name NOT IN (SELECT table_name FROM duckdb_tables())
ORDER BY name

-- @query words
-- Names that a statement may hold.
SELECT DISTINCT table_name, column_name FROM duckdb_columns() WHERE NOT internal

-- @query documented_tables
SELECT DISTINCT table_name FROM schema_doc

-- @query schema
-- What every table and view is.
SELECT table_name, column_name, unit, doc FROM schema_doc WHERE column_name IS NULL

-- @query schema_of
-- What the columns of one are.
SELECT table_name, column_name, unit, doc FROM schema_doc WHERE table_name = $name

-- @query stages
SELECT DISTINCT belongs AS stage FROM step_time ORDER BY 1

-- @query span
-- From the first moment to the last.
SELECT coalesce(max(ts + greatest(dur, 0)) - min(ts), 0)::BIGINT AS span FROM slice

-- @query kernels
-- Operators that were timed alone.
FROM bench_result ORDER BY id
