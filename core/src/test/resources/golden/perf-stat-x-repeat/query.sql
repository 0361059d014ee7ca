SELECT event, value, unit, running_ns, running_ratio, metric_value, metric_unit FROM perf_stat;
