-- Operators of a framework, with what it tells about them.
-- @column id                 the slice
-- @column ts [ns]            start on the trace clock
-- @column dur [ns]           duration on the host
-- @column name               operator, for example aten::mm
-- @column depth              slices of the same track around it
-- @column parent_id          the innermost one of them
-- @column track_id           the track
-- @column external_id        number shared with the calls and device work inside it
-- @column sequence           number shared by a forward operator and its backward one
-- @column input_dims         shapes of the inputs, as JSON
-- @column input_types        number formats of the inputs, as JSON
-- @column input_strides      strides of the inputs, as JSON
-- @column concrete_inputs    values of scalar inputs, as JSON
-- @column module             module hierarchy
-- @column stack              call stack
-- @column flops [FLOP]       floating-point operations as the framework estimated
CREATE VIEW cpu_op AS
SELECT s.id, s.ts, s.dur, s.name, s.depth, s.parent_id, s.track_id, s.external_id, o.sequence, o.input_dims,
       o.input_types, o.input_strides, o.concrete_inputs, o.module, o.stack, o.flops
FROM slice s
LEFT JOIN op_detail o ON o.id = s.id
WHERE s.category IN ('cpu_op', 'operator', 'Operator')
