-- Nanoseconds from the base, exactly; parents by containment.
SELECT ts - 1790857026000000000 AS ts, dur, category, name, depth FROM slice ORDER BY ts;
-- The kernel, the call that started it, and what is known of both.
SELECT k.name, k.dur, grid_x, grid_y, block_x, registers, shared_bytes, occupancy_ratio, l.name AS call, k.ts - l.ts AS delay
FROM kernel k JOIN launch l ON l.id = k.launch_id;
SELECT kind, src_kind, dst_kind, bytes, bandwidth FROM memcpy;
SELECT align_method, residual_ns FROM source;
