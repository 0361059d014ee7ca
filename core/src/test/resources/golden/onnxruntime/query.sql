SELECT ts, dur, category, name, depth FROM slice ORDER BY ts, dur DESC;
-- Time by operator: arguments without a column of their own stand in args.
SELECT a.string_value AS op, sum(s.dur) AS ns FROM slice s JOIN args a ON a.arg_set_id = s.arg_set_id
WHERE a.key = 'args.op_name' GROUP BY ALL ORDER BY ALL;
SELECT name, dur, stream FROM kernel;
