-- Which CUDA graphs does the engine replay?
-- @needs    cuda_graph_replay
-- @column   mode                    FULL or PIECEWISE
-- @column   tokens [tokens]         padded tokens of the graph
-- @column   replays [count]         replays
-- @column   share [ratio]           of all replays; one that dominates means a uniform load
-- @column   mean [ns]               mean host time of a replay; NULL where only sums are known
SELECT mode, tokens, TRY_CAST(sum(count) AS BIGINT) AS replays, sum(count) * 1e0 / sum(sum(count)) OVER () AS share, avg(dur) AS mean
FROM cuda_graph_replay
GROUP BY mode, tokens
ORDER BY replays DESC, mode, tokens
