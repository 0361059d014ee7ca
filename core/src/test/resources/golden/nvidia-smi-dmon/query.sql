SELECT ts, device, metric, value, unit FROM hw_sample
WHERE metric IN ('power', 'mem_clock', 'sm_clock', 'pcie_tx', 'gpu_util', 'temperature') AND ts = 1795601641000000000 ORDER BY device, metric;
SELECT count(*) AS samples, count(DISTINCT metric) AS metrics FROM hw_sample;
