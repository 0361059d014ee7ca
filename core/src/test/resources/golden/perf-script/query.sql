SELECT ts, pid, tid, thread, cpu, event, period, leaf, dso FROM cpu_sample ORDER BY ts;
SELECT stack FROM cpu_sample WHERE thread = 'javac';
SELECT time_base, align_method FROM source;
