-- Percentages as ratios; `-` is not supported, and the first interval has no averages.
SELECT device, metric, count(*) AS samples, max(value) AS most, any_value(unit) AS unit, count(ts) AS moments FROM hw_sample
WHERE metric IN ('power', 'sm_active', 'sm_occupancy', 'tensor_active', 'dram_active') GROUP BY ALL ORDER BY ALL;
SELECT kind, severity, count FROM import_stat ORDER BY kind;
