SELECT ts, event, value, unit, reason FROM perf_stat;
SELECT time_base, align_method FROM source;
