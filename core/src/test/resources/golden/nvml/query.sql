-- The second of eight rows: averages over the interval since the row before, and momentary values.
SELECT ts, dur, device, metric, value, unit FROM hw_sample WHERE ts = 1795303224120511500
AND metric IN ('sm_active', 'pcie_tx', 'power', 'sm_clock', 'gpu_util', 'mem_used') ORDER BY metric;
SELECT count(*) AS samples, count(DISTINCT metric) AS metrics FROM hw_sample;
SELECT kind, severity, count FROM import_stat ORDER BY kind;
