-- A living title's pictures of a kind; of one that became part of another, that one's.
-- Grain: one row per picture, or one without an address where the title has none; none where there is no such title.
-- Parameters: :id content id, :kind text.
SELECT image.width, image.url
FROM content AS asked
JOIN content AS living ON living.id = coalesce(asked.merged_into, asked.id)
LEFT JOIN image ON image.content_id = living.id AND image.kind = :kind
WHERE asked.id = :id AND living.deleted_at IS NULL AND living.merged_into IS NULL
