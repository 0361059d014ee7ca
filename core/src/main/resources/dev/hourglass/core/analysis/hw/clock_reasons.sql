-- For how much of the time was the clock of each GPU held back, and by what?
-- @needs    hw_sample
-- @column   device                  which device
-- @column   host                    which machine, as in source_host; NULL where no source names one
-- @column   reason                  in the driver's words; none where it gave no reason. A sample may have several
-- @column   samples [count]         samples with this reason
-- @column   ratio [ratio]           of all samples of the device's reasons
-- @column   clock [MHz]             median clock of the multiprocessors in these samples; NULL where it was not sampled with them
-- @column   clock_min [MHz]         lowest
-- @column   clock_max [MHz]         highest
-- @column   power [W]               mean power in these samples; NULL where it was not sampled with them
WITH reason (bit, words) AS (
  VALUES (0, 'none'), (1, 'idle'), (2, 'application clocks setting'), (4, 'software power cap'), (8, 'hardware slowdown'),
         (16, 'sync boost'), (32, 'software thermal slowdown'), (64, 'hardware thermal slowdown'), (128, 'hardware power brake'),
         (256, 'display clock setting')),
     sample AS (
  SELECT device, h.host, source_id, run, ts, value::BIGINT AS bits, count(*) OVER (PARTITION BY device, h.host) AS n
  FROM hw_sample
  LEFT JOIN source_host h USING (source_id)
  WHERE metric = 'throttle' AND value IS NOT NULL),
     beside AS (
  SELECT device, source_id, run, ts, avg(value) FILTER (metric = 'sm_clock') AS clock, avg(value) FILTER (metric = 'power') AS power
  FROM hw_sample
  WHERE metric IN ('sm_clock', 'power')
  GROUP BY ALL)
SELECT s.device, s.host, r.words AS reason, count(*) AS samples, count(*) * 1e0 / any_value(s.n) AS ratio,
       median(b.clock) AS clock, min(b.clock) AS clock_min, max(b.clock) AS clock_max, avg(b.power) AS power
FROM sample s
JOIN reason r ON r.bit = 0 AND s.bits = 0 OR s.bits & r.bit <> 0
LEFT JOIN beside b ON b.device = s.device AND b.ts = s.ts AND b.source_id IS NOT DISTINCT FROM s.source_id AND b.run IS NOT DISTINCT FROM s.run
GROUP BY s.device, s.host, r.bit, r.words
ORDER BY s.device, s.host, r.bit
