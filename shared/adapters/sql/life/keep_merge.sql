-- Remember a merge with what it takes to undo it.
-- Parameters: :id :kept :merged uuid; :before jsonb as text; :by text; :now timestamptz.
INSERT INTO title_merge (id, kept_id, merged_id, before, merged_by, merged_at)
VALUES (
  :id, CAST(:kept AS uuid), CAST(:merged AS uuid), CAST(:before AS jsonb), :by,
  CAST(:now AS timestamptz)
)
