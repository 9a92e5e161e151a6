-- What a platform calls a title.
-- Grain: one row per listing. Parameters: :id uuid; :platform text.
SELECT platform_content_id
FROM platform_listing
WHERE content_id = CAST(:id AS uuid) AND platform = :platform
ORDER BY platform_content_id
