-- Forgets changes that every snapshot in use has seen.
-- Grain: one row per title. Cost: one range of the index. Parameters: :before timestamptz.
DELETE FROM search_change
WHERE changed_at < CAST(:before AS timestamptz)
