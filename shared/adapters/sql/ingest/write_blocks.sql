-- Put titles under their blocks.
-- Grain: one row per block and title.
-- Parameters: :rows json array of [block, year, content id].
INSERT INTO title_block (block, year, content_id)
SELECT CAST(value ->> 0 AS integer), CAST(value ->> 1 AS smallint), CAST(value ->> 2 AS uuid)
FROM jsonb_array_elements(CAST(:rows AS jsonb))
ON CONFLICT DO NOTHING
