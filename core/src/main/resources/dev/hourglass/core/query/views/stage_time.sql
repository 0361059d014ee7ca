-- Where the time of a stage goes on each GPU, summed over its judged steps; columns that begin with gap_ are of the spans between them.
-- @column stage              prefill, decode, mixed, another annotation's name, or run
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column steps [count]      judged steps
-- @column wall [ns]          their walls together
-- @column total [ns]         walls and the spans between the steps together
-- @column busy [ns]          anything runs on the GPU, within the steps
-- @column compute [ns]       kernels, device-internal copies or memsets run, within the steps
-- @column communication [ns] communication that no compute hides, spans between included
-- @column copy [ns]          copies between host and device that nothing hides, spans between included
-- @column launch [ns]        idle inside operators and launch calls, spans between included
-- @column sync [ns]          idle that a wait caused, spans between included
-- @column host [ns]          idle while other code runs on the host, spans between included
-- @column rest [ns]          idle with work queued or unknown, spans between included
-- @column recorder [ns]      of rest: cost of the recording
-- @column peer [ns]          of rest: in a wait while another GPU was busy
-- @column queued [ns]        of rest: work was issued and the GPU had not begun it
-- @column gap_wall [ns]      spans between the steps
-- @column gap_busy [ns]      anything runs on the GPU, between the steps
-- @column gap_host [ns]      idle while other code runs on the host, between the steps
-- @column ops [count]        device operations
-- @column kernels [count]    kernels
-- @column launches [count]   calls that issued them
CREATE VIEW stage_time AS
SELECT belongs AS stage, device, source_id, count(*) FILTER (stage <> 'between') AS steps,
       TRY_CAST(sum(wall) FILTER (stage <> 'between') AS BIGINT) AS wall, TRY_CAST(sum(wall) AS BIGINT) AS total,
       TRY_CAST(sum(busy) FILTER (stage <> 'between') AS BIGINT) AS busy,
       TRY_CAST(sum(compute) FILTER (stage <> 'between') AS BIGINT) AS compute,
       TRY_CAST(sum(communication) AS BIGINT) AS communication, TRY_CAST(sum(copy) AS BIGINT) AS copy, TRY_CAST(sum(launch) AS BIGINT) AS launch,
       TRY_CAST(sum(sync) AS BIGINT) AS sync, TRY_CAST(sum(host) AS BIGINT) AS host, TRY_CAST(sum(rest) AS BIGINT) AS rest,
       TRY_CAST(sum(recorder) AS BIGINT) AS recorder, TRY_CAST(sum(peer) AS BIGINT) AS peer, TRY_CAST(sum(queued) AS BIGINT) AS queued,
       TRY_CAST(coalesce(sum(wall) FILTER (stage = 'between'), 0) AS BIGINT) AS gap_wall,
       TRY_CAST(coalesce(sum(busy) FILTER (stage = 'between'), 0) AS BIGINT) AS gap_busy,
       TRY_CAST(coalesce(sum(host) FILTER (stage = 'between'), 0) AS BIGINT) AS gap_host,
       TRY_CAST(sum(ops) AS BIGINT) AS ops, TRY_CAST(sum(kernels) AS BIGINT) AS kernels, TRY_CAST(sum(launches) AS BIGINT) AS launches
FROM step_time
WHERE judged
GROUP BY belongs, device, source_id
HAVING count(*) FILTER (stage <> 'between') > 0
