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
       sum(wall) FILTER (stage <> 'between')::BIGINT AS wall, sum(wall)::BIGINT AS total,
       sum(busy) FILTER (stage <> 'between')::BIGINT AS busy,
       sum(compute) FILTER (stage <> 'between')::BIGINT AS compute,
       sum(communication)::BIGINT AS communication, sum(copy)::BIGINT AS copy, sum(launch)::BIGINT AS launch,
       sum(sync)::BIGINT AS sync, sum(host)::BIGINT AS host, sum(rest)::BIGINT AS rest,
       sum(recorder)::BIGINT AS recorder, sum(peer)::BIGINT AS peer, sum(queued)::BIGINT AS queued,
       coalesce(sum(wall) FILTER (stage = 'between'), 0)::BIGINT AS gap_wall,
       coalesce(sum(busy) FILTER (stage = 'between'), 0)::BIGINT AS gap_busy,
       coalesce(sum(host) FILTER (stage = 'between'), 0)::BIGINT AS gap_host,
       sum(ops)::BIGINT AS ops, sum(kernels)::BIGINT AS kernels, sum(launches)::BIGINT AS launches
FROM step_time
WHERE judged
GROUP BY belongs, device, source_id
HAVING count(*) FILTER (stage <> 'between') > 0
