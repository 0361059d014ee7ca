SELECT ts, device, metric, value, unit FROM hw_sample WHERE device = 'gpu:1' ORDER BY metric;
SELECT time_base, align_method FROM source;
