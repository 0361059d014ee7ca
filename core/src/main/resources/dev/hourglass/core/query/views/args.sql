-- Arguments of slices, one row per argument, whether they have a column elsewhere or not.
-- @column arg_set_id      which slice, see slice.arg_set_id
-- @column flat_key        name with the prefix args.
-- @column key             the same
-- @column int_value       the value where it is an integer
-- @column string_value    the value where it is text; lists and objects as JSON
-- @column real_value      the value where it is another number
-- @column value_type      int, string, real or null
-- @column display_value   the value as text
CREATE VIEW args AS
WITH typed AS (
  SELECT id AS arg_set_id, unnest([
      {k: 'correlation', i: correlation, r: NULL::DOUBLE, s: NULL::VARCHAR},
      {k: 'External id', i: external_id, r: NULL, s: NULL}]) AS a
  FROM slice WHERE correlation IS NOT NULL OR external_id IS NOT NULL
  UNION ALL
  SELECT id, unnest([
      {k: 'device', i: device, r: NULL::DOUBLE, s: NULL::VARCHAR}, {k: 'context', i: context, r: NULL, s: NULL},
      {k: 'stream', i: stream, r: NULL, s: NULL}, {k: 'graph id', i: graph_id, r: NULL, s: NULL},
      {k: 'graph node id', i: graph_node_id, r: NULL, s: NULL}, {k: 'queued', i: queued_ns, r: NULL, s: NULL},
      {k: 'registers per thread', i: registers, r: NULL, s: NULL}, {k: 'shared memory', i: shared_bytes, r: NULL, s: NULL},
      {k: 'priority', i: priority, r: NULL, s: NULL}, {k: 'blocks per SM', i: NULL, r: blocks_per_sm, s: NULL},
      {k: 'warps per SM', i: NULL, r: warps_per_sm, s: NULL},
      {k: 'est. achieved occupancy %', i: NULL, r: occupancy_ratio * 100, s: NULL},
      {k: 'grid', i: NULL, r: NULL, s: CASE WHEN grid_x IS NOT NULL THEN '[' || grid_x || ', ' || grid_y || ', ' || grid_z || ']' END},
      {k: 'block', i: NULL, r: NULL, s: CASE WHEN block_x IS NOT NULL THEN '[' || block_x || ', ' || block_y || ', ' || block_z || ']' END},
      {k: 'Collective name', i: NULL, r: NULL, s: collective}, {k: 'Process Group Name', i: NULL, r: NULL, s: process_group}])
  FROM kernel
  UNION ALL
  SELECT id, unnest([
      {k: 'device', i: device, r: NULL::DOUBLE, s: NULL::VARCHAR}, {k: 'context', i: context, r: NULL, s: NULL},
      {k: 'stream', i: stream, r: NULL, s: NULL}, {k: 'bytes', i: bytes, r: NULL, s: NULL},
      {k: 'memory bandwidth (GB/s)', i: NULL, r: bandwidth / 1e9, s: NULL},
      {k: 'fromDevice', i: src_device, r: NULL, s: NULL}, {k: 'toDevice', i: dst_device, r: NULL, s: NULL}])
  FROM memcpy
  UNION ALL
  SELECT id, unnest([
      {k: 'Sequence number', i: sequence, r: NULL::DOUBLE, s: NULL::VARCHAR}, {k: 'Input Dims', i: NULL, r: NULL, s: input_dims},
      {k: 'Input type', i: NULL, r: NULL, s: input_types}, {k: 'Input Strides', i: NULL, r: NULL, s: input_strides},
      {k: 'Concrete Inputs', i: NULL, r: NULL, s: concrete_inputs}, {k: 'Module Hierarchy', i: NULL, r: NULL, s: module},
      {k: 'Call stack', i: NULL, r: NULL, s: stack}, {k: 'flops', i: flops, r: NULL, s: NULL}])
  FROM op_detail
  UNION ALL
  SELECT id, unnest([
      {k: 'Python id', i: python_id, r: NULL::DOUBLE, s: NULL::VARCHAR},
      {k: 'Python parent id', i: python_parent_id, r: NULL, s: NULL},
      {k: 'Python module id', i: python_module_id, r: NULL, s: NULL}])
  FROM python_call
  UNION ALL
  SELECT id, unnest([
      {k: 'Addr', i: address, r: NULL::DOUBLE, s: NULL::VARCHAR}, {k: 'Bytes', i: bytes, r: NULL, s: NULL},
      {k: 'Device Id', i: device, r: NULL, s: NULL}, {k: 'Device Type', i: NULL, r: NULL, s: device_type},
      {k: 'Total Allocated', i: allocated_bytes, r: NULL, s: NULL}, {k: 'Total Reserved', i: reserved_bytes, r: NULL, s: NULL}])
  FROM memory_event),
every AS (
  SELECT arg_set_id, a.k AS k, a.i AS i, a.r AS r, a.s AS s FROM typed
  WHERE a.i IS NOT NULL OR a.r IS NOT NULL OR a.s IS NOT NULL
  UNION ALL
  SELECT arg_set_id, key, int_value, real_value, string_value FROM arg_value)
SELECT arg_set_id, 'args.' || k AS flat_key, 'args.' || k AS key, i AS int_value, s AS string_value, r AS real_value,
       CASE WHEN i IS NOT NULL THEN 'int' WHEN r IS NOT NULL THEN 'real' WHEN s IS NOT NULL THEN 'string' ELSE 'null' END AS value_type,
       coalesce(i::VARCHAR, r::VARCHAR, s) AS display_value
FROM every
