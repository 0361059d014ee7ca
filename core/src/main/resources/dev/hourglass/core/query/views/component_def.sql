-- The parts of which T_token consists, or which lie inside it.
-- @column name               key in tables and JSON
-- @column label              name for people
-- @column exclusive          whether it overlaps no other part: with the remainder these add up to T_token; t_sync does where a GPU takes part
CREATE VIEW component_def AS
SELECT * FROM (VALUES
  ('t_routing', 'T_routing', true),
  ('t_cpu_computation', 'T_cpu_computation', true),
  ('attention', 'Attention', true),
  ('norm', 'Norms', true),
  ('lm_head', 'LM head', true),
  ('embedding', 'Embedding', true),
  ('sampling', 'Sampling', true),
  ('t_scheduling', 'T_scheduling', true),
  ('t_sync', 'T_sync', EXISTS (SELECT 1 FROM metadata m WHERE m.name = 'run.placement')),
  ('t_pcie_transfer', 'T_pcie_transfer', true),
  ('t_gpu_kernel_launch', 'T_gpu_kernel_launch', true),
  ('t_gpu_computation', 'T_gpu_computation', true),
  ('remainder', 'Remainder', true)) AS part (name, label, exclusive)
