-- Titles that stand where items say they stand, of entries that are not known yet, with the names and the year they go by.
-- One whose ids speak against an item is not among them.
-- LATERAL with OFFSET 0 where an index must be asked, whatever the planner believes of the tables.
-- Grain: one row per item and title. Cost: a few index look-ups an item.
-- Parameters: :rows json array of {n, platform, listing, season, episode, series_ids, ids}.
WITH asked AS MATERIALIZED (
  SELECT given.*
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    n integer, platform text, listing text, season integer, episode integer, series_ids text[], ids text[]
  )
  WHERE NOT EXISTS (
    SELECT FROM platform_listing AS entry
    WHERE entry.platform = given.platform AND entry.platform_content_id = given.listing
  )
)
SELECT DISTINCT
  asked.n,
  c.id AS content_id,
  c.content_type,
  c.release_year,
  ARRAY(SELECT t.title_key FROM content_title AS t WHERE t.content_id = c.id) AS keys
FROM asked
CROSS JOIN LATERAL unnest(asked.series_ids) AS named (id)
CROSS JOIN LATERAL (/* named_title */) AS e
CROSS JOIN LATERAL (
  SELECT content_id FROM series_link
  WHERE series_id = e.content_id
    AND season_no = asked.season
    AND episode_no IS NOT DISTINCT FROM asked.episode
  OFFSET 0
) AS link
CROSS JOIN LATERAL (
  SELECT id, content_type, release_year FROM content
  WHERE id = link.content_id AND deleted_at IS NULL AND merged_into IS NULL
  OFFSET 0
) AS c
WHERE NOT EXISTS (
  SELECT FROM unnest(asked.ids) AS said (id)
  JOIN external_id AS other
    ON other.id_type = split_part(said.id, ':', 1)
    AND other.id_value = substr(said.id, strpos(said.id, ':') + 1)
  WHERE other.content_id <> c.id
)
  AND NOT EXISTS (
    SELECT FROM external_id AS own
    JOIN unnest(asked.ids) AS said (id) ON split_part(said.id, ':', 1) = own.id_type
    WHERE own.content_id = c.id AND own.id_type || ':' || own.id_value <> said.id
  )
