-- A living title's pictures of a kind; of one that became part of another, that one's.
-- Grain: one row per picture, or one without an address where the title has none; none where there is no such title.
-- Nothing above the ceiling or of a blocked genre has any.
-- Parameters: :id content id, :kind text, :ceiling integer or NULL, :unrated integer, :blocked text[].
SELECT image.width, image.url
FROM content AS asked
JOIN content AS living ON living.id = coalesce(asked.merged_into, asked.id)
LEFT JOIN image ON image.content_id = living.id AND image.kind = :kind
WHERE asked.id = :id AND living.deleted_at IS NULL AND living.merged_into IS NULL
  AND (CAST(:ceiling AS integer) IS NULL OR coalesce(living.maturity_rank, CAST(:unrated AS integer)) <= CAST(:ceiling AS integer))
  AND NOT EXISTS (SELECT FROM content_genre g WHERE g.content_id = living.id AND g.value = ANY (CAST(:blocked AS text[])))
