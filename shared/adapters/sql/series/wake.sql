-- Parts whose series may be one of these titles: those that wait for it by id or by name; of titles that are new, merged or
-- split also those of its name that went to another, and its own.
-- Grain: one row per part. Cost: what the ids, the names and the titles have in three indexes.
-- Parameters: :ids json array of content ids; :anew json array of those that are new, merged or split.
WITH asked AS MATERIALIZED (
  SELECT CAST(value AS uuid) AS id FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
),
anew AS MATERIALIZED (
  SELECT CAST(value AS uuid) AS id FROM jsonb_array_elements_text(CAST(:anew AS jsonb))
),
known AS MATERIALIZED (
  SELECT ARRAY(
    SELECT e.id_type || ':' || e.id_value FROM external_id AS e JOIN asked ON asked.id = e.content_id
  ) AS ids
),
named AS MATERIALIZED (
  SELECT t.title_key, bool_or(asked.id IN (SELECT id FROM anew)) AS anew
  FROM asked
  JOIN content AS c ON c.id = asked.id AND c.content_type = 'series'
  JOIN content_title AS t ON t.content_id = c.id
  GROUP BY t.title_key
)
SELECT platform, platform_content_id AS listing, source
FROM series_part
WHERE series_id IS NULL AND series_ids && (SELECT ids FROM known)
UNION
SELECT part.platform, part.platform_content_id, part.source
FROM named
JOIN series_part AS part ON part.series_key = named.title_key
WHERE part.series_id IS NULL OR named.anew
UNION
SELECT part.platform, part.platform_content_id, part.source
FROM anew
JOIN series_part AS part ON part.series_id = anew.id
