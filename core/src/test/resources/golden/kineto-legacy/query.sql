SELECT ts, dur, category, name FROM slice ORDER BY ts;
SELECT input_dims FROM op_detail;
