SELECT launch, kernel, grid, block, device, compute_capability FROM ncu_metric GROUP BY ALL ORDER BY launch;
SELECT launch, metric, unit, value, text_value FROM ncu_metric WHERE launch IN (2, 4) ORDER BY launch, metric;
SELECT kind, severity, count FROM import_stat ORDER BY kind;
