-- Titles that platforms' entries belong to.
-- Grain: one row per title. Parameters: :rows json array of {platform, listing}.
SELECT DISTINCT entry.content_id
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (platform text, listing text)
JOIN platform_listing AS entry
  ON entry.platform = given.platform AND entry.platform_content_id = given.listing
ORDER BY entry.content_id
