-- Merges into a title that are in force, the newest first.
-- Grain: one row per merge. Parameters: :id uuid.
SELECT id, merged_id, merged_at, CAST(before AS text) AS before
FROM title_merge
WHERE kept_id = CAST(:id AS uuid) AND undone_at IS NULL
ORDER BY merged_at DESC, id DESC
