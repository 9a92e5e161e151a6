-- A run that holds a part, of some kinds, platforms and regions.
-- Grain: at most one row. Cost: one pass over the few leases there are.
-- Parameters: :kinds :platforms :regions json arrays of text, empty for any; :now timestamptz as text.
SELECT run_id
FROM fetch_lease
WHERE kind IN (SELECT jsonb_array_elements_text(CAST(:kinds AS jsonb)))
  AND (CAST(:platforms AS text) = '[]' OR platform IN (SELECT jsonb_array_elements_text(CAST(:platforms AS jsonb))))
  AND (CAST(:regions AS text) = '[]' OR region IN (SELECT jsonb_array_elements_text(CAST(:regions AS jsonb))))
  AND expires_at > CAST(:now AS timestamptz)
ORDER BY expires_at DESC, run_id
LIMIT 1
