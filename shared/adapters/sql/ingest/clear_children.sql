-- Remove what hangs on titles that are about to be written again.
-- Parameters: :ids json array of content ids; :blocks json array of {block, year, content_id}.
WITH given AS MATERIALIZED (
  SELECT ARRAY(
    SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
  ) AS ids
),
titles AS (DELETE FROM content_title WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
blocks AS (
  DELETE FROM title_block WHERE (block, year, content_id) IN (
    SELECT old.block, old.year, old.content_id
    FROM jsonb_to_recordset(CAST(:blocks AS jsonb))
      AS old (block integer, year smallint, content_id uuid)
  )
),
outlines AS (DELETE FROM title_outline WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
genres AS (DELETE FROM content_genre WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
themes AS (DELETE FROM content_theme WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
moods AS (DELETE FROM content_mood WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
people AS (DELETE FROM credit WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
images AS (DELETE FROM image WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
ratings AS (DELETE FROM content_rating WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[]))),
sources AS (DELETE FROM field_source WHERE content_id = ANY (CAST((SELECT ids FROM given) AS uuid[])))
SELECT count(*) FROM given
