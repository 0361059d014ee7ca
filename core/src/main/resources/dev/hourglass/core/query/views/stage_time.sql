-- Where the time of a stage goes on each GPU, summed over the periods of its usual steps: from token to token.
-- @column stage              prefill, decode, mixed, another annotation's name, or run
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column steps [count]      usual steps
-- @column wall [ns]          their walls together
-- @column total [ns]         their periods together
-- @column busy [ns]          anything runs on the GPU
-- @column compute [ns]       kernels, device-internal copies or memsets run
-- @column communication [ns] communication that no compute hides, waits for other ranks left out
-- @column hidden [ns]        communication that compute hides
-- @column copy [ns]          copies between host and device that nothing hides
-- @column launch [ns]        idle inside operators and launch calls
-- @column sync [ns]          idle that a wait caused
-- @column host [ns]          idle while other code runs on the host
-- @column rest [ns]          idle with work queued or unknown
-- @column recorder [ns]      of rest: cost of the recording
-- @column compile [ns]       of rest: the host compiles code
-- @column peer [ns]          of rest: in a wait while another GPU was busy
-- @column queued [ns]        of rest: work was issued and the GPU had not begun it
-- @column gap_wall [ns]      spans between the steps
-- @column gap_busy [ns]      anything runs on the GPU, between the steps
-- @column gap_host [ns]      idle while other code runs on the host, between the steps
-- @column ops [count]        device operations
-- @column kernels [count]    kernels
-- @column launches [count]   calls that issued them
CREATE VIEW stage_time AS
SELECT stage, device, source_id, count(*) AS steps, TRY_CAST(sum(wall) AS BIGINT) AS wall, TRY_CAST(sum(period) AS BIGINT) AS total,
       TRY_CAST(sum(busy) AS BIGINT) AS busy, TRY_CAST(sum(compute) AS BIGINT) AS compute,
       TRY_CAST(sum(communication) AS BIGINT) AS communication, TRY_CAST(sum(hidden) AS BIGINT) AS hidden, TRY_CAST(sum(copy) AS BIGINT) AS copy, TRY_CAST(sum(launch) AS BIGINT) AS launch,
       TRY_CAST(sum(sync) AS BIGINT) AS sync, TRY_CAST(sum(host) AS BIGINT) AS host, TRY_CAST(sum(rest) AS BIGINT) AS rest,
       TRY_CAST(sum(recorder) AS BIGINT) AS recorder, TRY_CAST(sum(compile) AS BIGINT) AS compile, TRY_CAST(sum(peer) AS BIGINT) AS peer, TRY_CAST(sum(queued) AS BIGINT) AS queued,
       TRY_CAST(sum("between") AS BIGINT) AS gap_wall, TRY_CAST(sum(between_busy) AS BIGINT) AS gap_busy, TRY_CAST(sum(between_host) AS BIGINT) AS gap_host,
       TRY_CAST(sum(ops) AS BIGINT) AS ops, TRY_CAST(sum(kernels) AS BIGINT) AS kernels, TRY_CAST(sum(launches) AS BIGINT) AS launches
FROM step_period
WHERE usual
GROUP BY stage, device, source_id
