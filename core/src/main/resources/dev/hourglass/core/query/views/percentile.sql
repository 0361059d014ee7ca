-- A quantile beyond the median; NULL for too few samples, of which none lies beyond it: the 99th percentile below 100, the 95th below 20.
CREATE MACRO percentile(x, q) AS CASE WHEN count(x) * (1 - q) >= 1 - 1e-9 THEN quantile_cont(x, q) END
