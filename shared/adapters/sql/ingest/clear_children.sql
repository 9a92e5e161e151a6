-- Remove what hangs on titles that are about to be written again.
-- Parameters: :ids json array of content ids; :blocks json array of {block, content_id}.
WITH given AS MATERIALIZED (
  SELECT CAST(value AS uuid) AS id FROM jsonb_array_elements_text(CAST(:ids AS jsonb))
),
titles AS (DELETE FROM content_title WHERE content_id IN (SELECT id FROM given)),
blocks AS (
  DELETE FROM title_block WHERE (block, content_id) IN (
    SELECT old.block, old.content_id
    FROM jsonb_to_recordset(CAST(:blocks AS jsonb)) AS old (block integer, content_id uuid)
  )
),
genres AS (DELETE FROM content_genre WHERE content_id IN (SELECT id FROM given)),
themes AS (DELETE FROM content_theme WHERE content_id IN (SELECT id FROM given)),
moods AS (DELETE FROM content_mood WHERE content_id IN (SELECT id FROM given)),
people AS (DELETE FROM credit WHERE content_id IN (SELECT id FROM given)),
images AS (DELETE FROM image WHERE content_id IN (SELECT id FROM given)),
ratings AS (DELETE FROM content_rating WHERE content_id IN (SELECT id FROM given)),
sources AS (DELETE FROM field_source WHERE content_id IN (SELECT id FROM given))
SELECT count(*) FROM given
