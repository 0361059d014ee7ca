-- What did each of the engine's threads do while the profiled steps ran?
-- @needs    thread_sample, token
-- @param    min_running  0.01        share of time on a CPU below which a thread is left out
-- @column   tid                      operating-system thread id
-- @column   name                     thread name
-- @column   running [ratio]          share of wall time on a CPU; spinning in a barrier counts as running
-- @column   waiting_for_cpu [ratio]  share of wall time ready to run but waiting for a CPU
-- @column   involuntary [count]      times the thread was taken off the CPU
WITH phase AS (SELECT min(ts) AS t0, max(ts + dur) AS t1 FROM token)
SELECT s.tid, any_value(s.name) AS name, sum(s.run_ns) / sum(s.dur) AS running,
       sum(s.wait_ns) / sum(s.dur) AS waiting_for_cpu, TRY_CAST(sum(s.involuntary_switches) AS BIGINT) AS involuntary
FROM thread_sample s, phase p
WHERE s.ts + s.dur > p.t0 AND s.ts < p.t1
GROUP BY s.tid
HAVING sum(s.run_ns) / sum(s.dur) >= $min_running
ORDER BY running DESC, s.tid
