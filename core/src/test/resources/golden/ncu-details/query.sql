-- One label may stand in two sections with two units.
SELECT section, metric, unit, value FROM ncu_metric WHERE launch = 2 AND (section = 'GPU Speed Of Light Throughput' OR metric = 'Memory Throughput') ORDER BY section, metric;
SELECT launch, section, count(*) AS metrics FROM ncu_metric GROUP BY ALL ORDER BY ALL;
SELECT section, rule, type, speedup_type, speedup_ratio FROM ncu_rule WHERE launch = 2 ORDER BY ALL;
