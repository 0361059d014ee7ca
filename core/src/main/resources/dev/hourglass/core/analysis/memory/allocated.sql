-- How much memory does the framework hold, and what allocates most?
-- @needs    memory_event
-- @param    rows         40         how many operators are listed
-- @column   device                  GPU ordinal; -1 for the CPU
-- @column   operator                operator around the allocation; NULL where there is none
-- @column   allocations [count]     how many
-- @column   bytes [B]               bytes allocated by it in all
-- @column   largest [B]             largest single allocation
-- @column   peak [B]                most that the device held in use at any moment, all operators
-- @column   peak_reserved [B]       most that the allocator held on the device, all operators
WITH peak AS (
  SELECT device, max(allocated_bytes) AS peak, max(reserved_bytes) AS reserved FROM memory_event GROUP BY device)
SELECT m.device, p.name AS operator, count(*) AS allocations, TRY_CAST(sum(m.bytes) AS BIGINT) AS bytes, max(m.bytes) AS largest,
       any_value(k.peak) AS peak, any_value(k.reserved) AS peak_reserved
FROM memory_event m
JOIN peak k ON k.device = m.device
LEFT JOIN slice s ON s.id = m.id
LEFT JOIN slice p ON p.id = s.parent_id
WHERE m.bytes > 0
GROUP BY m.device, p.name
ORDER BY bytes DESC, operator, m.device
LIMIT $rows
