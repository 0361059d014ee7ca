CREATE MACRO iif(condition, yes, no) AS CASE WHEN condition THEN yes ELSE no END;
CREATE MACRO extract_arg(set_id, wanted) AS
  (SELECT coalesce(a.string_value, a.int_value::VARCHAR, a.real_value::VARCHAR) FROM args a
   WHERE a.arg_set_id = set_id AND (a.key = wanted OR a.key = 'args.' || wanted) LIMIT 1);
CREATE MACRO slice_is_ancestor(ancestor, descendant) AS
  (SELECT count(*) > 0 FROM slice a JOIN slice d ON a.track_id = d.track_id
   WHERE a.id = ancestor AND d.id = descendant AND a.depth < d.depth AND a.ts <= d.ts AND a.ts + a.dur >= d.ts + d.dur);
CREATE MACRO ancestor_slice(slice_id) AS TABLE
  WITH RECURSIVE up AS (
    SELECT p.* FROM slice s JOIN slice p ON p.id = s.parent_id WHERE s.id = slice_id
    UNION ALL
    SELECT p.* FROM up JOIN slice p ON p.id = up.parent_id)
  SELECT * FROM up;
CREATE MACRO descendant_slice(slice_id) AS TABLE
  WITH RECURSIVE down AS (
    SELECT c.* FROM slice c WHERE c.parent_id = slice_id
    UNION ALL
    SELECT c.* FROM down JOIN slice c ON c.parent_id = down.id)
  SELECT * FROM down;
CREATE MACRO total(x) AS coalesce(sum(x), 0)::DOUBLE;
CREATE MACRO time_from_ns(x) AS x;
CREATE MACRO time_from_us(x) AS x * 1000;
CREATE MACRO time_from_ms(x) AS x * 1000000;
CREATE MACRO time_from_s(x) AS x * 1000000000;
CREATE MACRO time_to_ns(x) AS x;
CREATE MACRO time_to_us(x) AS x // 1000;
CREATE MACRO time_to_ms(x) AS x // 1000000;
CREATE MACRO time_to_s(x) AS x // 1000000000;
CREATE MACRO trace_start() AS (SELECT coalesce(min(ts), 0) FROM slice);
CREATE MACRO trace_end() AS (SELECT coalesce(max(ts + greatest(dur, 0)), 0) FROM slice);
CREATE MACRO trace_dur() AS (SELECT coalesce(max(ts + greatest(dur, 0)) - min(ts), 0) FROM slice)
