-- Write what hangs on titles. Callers clear the children of titles that exist already first.
-- Grain: as in each table. One JSON parameter a table, read once.
-- Parameters: :titles :blocks :outlines :genres :themes :moods :people :images :ratings :sources json arrays.
WITH titles AS (
  INSERT INTO content_title (content_id, locale, title, title_key)
  SELECT content_id, locale, title, title_key FROM jsonb_to_recordset(CAST(:titles AS jsonb))
    AS given (content_id uuid, locale text, title text, title_key text)
),
blocks AS (
  INSERT INTO title_block (block, year, content_id)
  SELECT block, year, content_id FROM jsonb_to_recordset(CAST(:blocks AS jsonb))
    AS given (block integer, year smallint, content_id uuid)
  ON CONFLICT DO NOTHING
),
outlines AS (
  INSERT INTO title_outline (content_id, release_year, runtime_minutes, outline)
  SELECT content_id, release_year, runtime_minutes, outline
  FROM jsonb_to_recordset(CAST(:outlines AS jsonb)) AS given (
    content_id uuid, release_year smallint, runtime_minutes smallint, outline text
  )
),
genres AS (
  INSERT INTO content_genre (content_id, value, ord)
  SELECT content_id, value, ord FROM jsonb_to_recordset(CAST(:genres AS jsonb))
    AS given (content_id uuid, value text, ord smallint)
),
themes AS (
  INSERT INTO content_theme (content_id, value, ord)
  SELECT content_id, value, ord FROM jsonb_to_recordset(CAST(:themes AS jsonb))
    AS given (content_id uuid, value text, ord smallint)
),
moods AS (
  INSERT INTO content_mood (content_id, value, ord)
  SELECT content_id, value, ord FROM jsonb_to_recordset(CAST(:moods AS jsonb))
    AS given (content_id uuid, value text, ord smallint)
),
people AS (
  INSERT INTO credit (content_id, ord, person_name, person_key, role, character)
  SELECT content_id, ord, person_name, person_key, role, character
  FROM jsonb_to_recordset(CAST(:people AS jsonb)) AS given (
    content_id uuid, ord smallint, person_name text, person_key text, role text, character text
  )
),
images AS (
  INSERT INTO image (content_id, kind, width, url)
  SELECT content_id, kind, width, url FROM jsonb_to_recordset(CAST(:images AS jsonb))
    AS given (content_id uuid, kind text, width integer, url text)
),
ratings AS (
  INSERT INTO content_rating (content_id, region, system, value, rank)
  SELECT content_id, region, system, value, rank FROM jsonb_to_recordset(CAST(:ratings AS jsonb))
    AS given (content_id uuid, region text, system text, value text, rank smallint)
),
sources AS (
  INSERT INTO field_source (content_id, source, fields, source_updated_at)
  SELECT content_id, source, fields, source_updated_at
  FROM jsonb_to_recordset(CAST(:sources AS jsonb)) AS given (
    content_id uuid, source text, fields text[], source_updated_at timestamptz
  )
)
SELECT 1
