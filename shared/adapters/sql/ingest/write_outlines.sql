-- Put down titles' outlines.
-- Grain: one row per title.
-- Parameters: :rows json array of [content id, release year, runtime, outline].
INSERT INTO title_outline (content_id, release_year, runtime_minutes, outline)
SELECT
  CAST(value ->> 0 AS uuid), CAST(value ->> 1 AS smallint), CAST(value ->> 2 AS smallint), value ->> 3
FROM jsonb_array_elements(CAST(:rows AS jsonb))
