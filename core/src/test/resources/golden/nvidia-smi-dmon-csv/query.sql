-- Without a date there are no moments.
SELECT device, metric, value, ts FROM hw_sample WHERE metric = 'power' ORDER BY ALL;
