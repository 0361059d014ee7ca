-- Samples of the GPUs under common names, whoever took them: hw_sample's, and the counters that a timeline recorder sampled itself.
-- @column ts [ns]      moment on the trace clock
-- @column device       GPU ordinal
-- @column host         machine of the GPU, as in source_host: GPUs of several machines share their ordinals; NULL where no source names one
-- @column metric       as in hw_sample: sm_clock (MHz), power (W), throttle, tensor_active, sm_active, dram_active, dram_read_active, dram_write_active (shares of the peak) and others
-- @column value        in the metric's unit
CREATE VIEW device_sample AS
SELECT s.ts, TRY_CAST(regexp_extract(s.device, '[0-9]+') AS BIGINT) AS device, h.host, s.metric, s.value
FROM hw_sample s
LEFT JOIN source_host h ON h.source_id = s.source_id
WHERE s. device LIKE 'gpu%'
UNION ALL
SELECT c.ts, t.device, h.host, t.metric, CASE WHEN t.metric = 'sm_clock' THEN CASE WHEN c.value > 1e5 THEN c.value / 1e6 ELSE c.value END ELSE c.value / 1e2 END
FROM counter c
JOIN (SELECT id, source_id, device,
             CASE WHEN starts_with(name, 'GPC Clock Frequency') THEN 'sm_clock'
                  WHEN starts_with(name, 'Tensor Active') THEN 'tensor_active'
                  WHEN starts_with(name, 'SMs Active') THEN 'sm_active'
                  WHEN starts_with(name, 'DRAM Read Bandwidth') THEN 'dram_read_active'
                  WHEN starts_with(name, 'DRAM Write Bandwidth') THEN 'dram_write_active' END AS metric
      FROM track
      WHERE type = 'counter' AND device IS NOT NULL) t ON t.id = c.track_id
LEFT JOIN source_host h ON h.source_id = t.source_id
WHERE t.metric IS NOT NULL
