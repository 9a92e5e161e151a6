-- Titles that no provider has confirmed since a moment, with their id at one provider, longest ago first.
-- Grain: one row per title and id. Reads content by checked_at.
-- Parameters: :id_type text, :before timestamptz, :most integer.
SELECT external_id.id_value
FROM content
JOIN external_id ON external_id.content_id = content.id AND external_id.id_type = :id_type
WHERE content.checked_at < CAST(:before AS timestamptz)
  AND content.deleted_at IS NULL
  AND content.merged_into IS NULL
ORDER BY content.checked_at, content.id, external_id.id_value
LIMIT CAST(:most AS integer)
