-- How fast does each part of a token read its weights, against what memory delivers to as many threads?
-- @needs    op, token, ceiling
-- @param    memory_ratio   0.70       share of the measured bandwidth from which a part counts as waiting for memory
-- @param    compute_ratio  0.45       share below which it counts as limited by the cores themselves
-- @param    cache_ratio    1.1        share above which the weights cannot all have come from memory
-- @param    weighing       0.5        share of its time in pieces that read weights below which reading is not what it does
-- @param    worth          0.10       share of T_token from which a part is worth a finding
-- @param    serious        0.10       gain from which it is a warning
-- @param    few_bits       5          bits per weight from which a smaller format is worth naming
-- @param    four_bits      4.5        bits per weight of the smallest formats in common use, scales included
-- @column   stage                     decode
-- @column   part                      the component, as in component_def
-- @column   label                     what people call it
-- @column   share [ratio]             its share of T_token
-- @column   mean [ns]                 its time per token
-- @column   weight_bytes [B]          bytes of weights that it reads per token; keys and values come on top
-- @column   rate [B/s]                these over its time
-- @column   ceiling [B/s]             measured read bandwidth of as many threads
-- @column   ratio [ratio]             rate over ceiling
-- @column   weighing_ratio [ratio]    of its time, in pieces that read weights
-- @column   format                    number format of most of its weights; NULL where the session does not tell
-- @column   weights                   the same in words
-- @column   bits                      bits per weight of its weights, scales included
-- @column   verdict                   memory, mixed, compute; cache where more was read than memory can deliver; apart where most of its time goes to pieces that read no weights
-- @column   bound                     memory, compute or unclear
-- @column   advice                    which remedy fits
-- @column   threads [count]           threads of the engine; NULL where not told
-- @column   cores [count]             physical cores that it may use; NULL where not told
-- @column   gain [ratio]              at most, of T_token; NULL where none can be told
-- @column   how                       how the gain was estimated
-- @column   severity                  warning from a gain of serious on, unless other work disturbed the run severely; info for the largest part and those worth it; NULL else
-- @finding  {label} takes {share} of T_token and reads its {weights} at {rate}, {ratio} of the {ceiling} that memory delivers to as many threads
-- @remedy   [quantize] Neither memory nor the cores prevail: fewer bytes per weight (a smaller quantisation) help both. [draft] A draft model spreads the reading over more tokens. [batch] So do several sequences at once.
-- @remedy_if smaller  It waits for memory, and more cores do not help. [quantize] Its weights take {bits} bits each: quantise them to 4 bits. [tensor_format] The LM head and single tensors have formats of their own. [batch] Or serve several sequences at once, so that weights are read once for all.
-- @remedy_if batch    It waits for memory, more cores do not help, and its weights are small already ({bits} bits). [batch] Serve several sequences at once, so that weights are read once for all. [draft] Let a small model draft. [] Or take a machine with more memory channels.
-- @remedy_if threads  [threads] The cores limit it, and {threads} of {cores} physical cores compute: give the engine all of them, {cores} threads.
-- @remedy_if repack   [repack] The cores limit it, and this build of the engine does not repack weights for their vector units: use one that does.
-- @remedy_if format   The cores limit it: its weights are {format}, which the engine does not repack for this processor's vector units. [quantize] Store them as Q4_0, Q4_K or IQ4_NL. [tensor_format] The LM head and single tensors have formats of their own.
-- @remedy_if compute  The cores limit it, memory keeps up: more or wider cores (AVX-512, AMX), or a format that these compute faster. Its weights are repacked where the engine can, and all cores compute as far as the recording tells.
-- @remedy_if apart    Most of its time goes to pieces that read no weights: scores over keys and values, and operators so small that the threads' meetings cost more than they. [kv_fp8] A smaller cache shortens the first. [context] So does a shorter context. [flash] And fused attention. [threads] Fewer threads shorten the second.
-- @remedy_if cache    The weights come from cache, so memory is not the limit: more or wider cores, or a format that these compute faster. Run the full depth for times that hold in practice.
-- @gain     {how}
WITH fact AS (
  SELECT max(value) FILTER (name = 'engine.system_info') AS built, max(value) FILTER (name = 'contention.level') AS disturbed,
         TRY_CAST(max(value) FILTER (name = 'engine.threads') AS BIGINT) AS threads,
         TRY_CAST(max(value) FILTER (name = 'host.cores_physical') AS BIGINT) AS physical,
         TRY_CAST(floor(TRY_CAST(max(value) FILTER (name = 'host.cgroup_cpus') AS DOUBLE)) AS BIGINT) AS allowed
  FROM metadata),
     judged AS (
  SELECT r.*, f.threads, least(f.physical, f.allowed) AS cores, f.disturbed,
         CASE WHEN ratio > $cache_ratio THEN 'cache' WHEN ratio >= $memory_ratio THEN 'memory' WHEN weighing_ratio < $weighing THEN 'apart'
              WHEN ratio <= $compute_ratio THEN 'compute' ELSE 'mixed' END AS verdict,
         contains(f.built, 'REPACK = 1') AS repacks
  FROM part_reading r, fact f
  WHERE ratio > 0),
     advised AS (
  SELECT *, CASE WHEN verdict IN ('cache', 'apart') THEN verdict WHEN verdict = 'memory' THEN CASE WHEN bits > $few_bits THEN 'smaller' ELSE 'batch' END
                 WHEN threads < cores THEN 'threads' WHEN NOT repacks THEN 'repack' WHEN NOT repacked THEN 'format' ELSE verdict END AS advice
  FROM judged),
     won AS (
  SELECT *, CASE advice WHEN 'cache' THEN NULL WHEN 'smaller' THEN share * (1 - $four_bits / bits)
                        WHEN 'threads' THEN share * least(1 - ratio, 1 - threads * 1e0 / cores) ELSE greatest(share * (1 - ratio), 0) END AS gain
  FROM advised)
SELECT 'decode' AS stage, component AS part, label, share, mean, weight_bytes, rate, ceiling, ratio, weighing_ratio, format,
       weights, bits, verdict, CASE WHEN verdict IN ('memory', 'compute') THEN verdict ELSE 'unclear' END AS bound, advice,
       threads, cores, gain,
       CASE advice WHEN 'cache' THEN 'not estimated'
                   WHEN 'smaller' THEN 'at most, at 4.5 bits per weight, read as fast as now'
                   WHEN 'threads' THEN 'at most, with all cores at work, and no more than reading at the measured bandwidth wins'
                   ELSE 'at most, were its weights read at the measured bandwidth' END AS how,
       CASE WHEN gain >= $serious AND disturbed IS DISTINCT FROM 'severe' THEN 'warning' WHEN share >= $worth OR largest THEN 'info' END AS severity
FROM won
ORDER BY share DESC, part
