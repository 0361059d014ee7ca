-- Which machine each source is of: what it says itself, else what the recordings beside it in its directory say. Where only one machine is named, everything is of it; where several are, what does not tell is of none of them.
-- @column source_id        the source
-- @column host             name of the machine, one of its own for a source that may be of any of several; NULL where no source names one
CREATE VIEW source_host AS
WITH stated AS (
  SELECT s.id, regexp_replace(s.path, '[^/\\]*$', '') AS directory, min(nullif(trim(m.value), '')) AS host
  FROM source s
  LEFT JOIN metadata m ON lower(replace(m.name, ' ', '_')) IN ('source.' || s.id || '.host_name', 'source.' || s.id || '.hostname')
  GROUP BY ALL),
     beside AS (
  SELECT directory, min(host) AS host FROM stated WHERE host IS NOT NULL GROUP BY directory HAVING count(DISTINCT host) = 1),
     named AS (SELECT count(DISTINCT host) AS hosts, min(host) AS host FROM stated)
SELECT s.id AS source_id, coalesce(s.host, b.host, CASE WHEN n.hosts = 1 THEN n.host WHEN n.hosts > 1 THEN 'source ' || s.id END) AS host
FROM stated s
CROSS JOIN named n
LEFT JOIN beside b ON b.directory = s.directory
