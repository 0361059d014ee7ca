SELECT ts, cpu, event, value, unit, running_ns, running_ratio, metric_value, metric_unit, reason FROM perf_stat;
