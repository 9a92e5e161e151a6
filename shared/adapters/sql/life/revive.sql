-- Make a parted title one of its own, with the ids that led to it; the merge that is undone is so from now.
-- Grain: one row. Parameters: :kept :parted uuid; :redirects json array of content ids; :merge uuid or NULL; :by text;
-- :now timestamptz.
WITH touched AS (
  UPDATE content SET
    merged_into = CASE WHEN id = CAST(:parted AS uuid) THEN NULL ELSE merged_into END,
    updated_at = CAST(:now AS timestamptz)
  WHERE id IN (CAST(:kept AS uuid), CAST(:parted AS uuid))
),
led AS (
  UPDATE content SET merged_into = CAST(:parted AS uuid)
  WHERE merged_into = CAST(:kept AS uuid)
    AND id <> CAST(:parted AS uuid)
    AND id = ANY (
      ARRAY(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:redirects AS jsonb)))
    )
),
undone AS (
  UPDATE title_merge SET undone_by = :by, undone_at = CAST(:now AS timestamptz)
  WHERE id = CAST(:merge AS uuid)
)
SELECT 1
