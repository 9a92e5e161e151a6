-- Hold the titles of a listing, as a page that writes them does.
-- Parameters: :platform, :listing text.
SELECT id FROM content
WHERE id IN (
  SELECT content_id FROM availability
  WHERE platform = :platform AND platform_content_id = :listing AND ended_at IS NULL
)
ORDER BY id
FOR NO KEY UPDATE
