-- Add the sample's viewers who are not there yet.
-- Grain: one row per user; who is there stays as they are.
-- Parameters: :rows json array of {id, email, name, region, language, platforms}.
INSERT INTO app_user (id, email, name, region, language, platforms, sample, created_at)
SELECT
  CAST(id AS uuid),
  email,
  name,
  region,
  language,
  ARRAY(SELECT jsonb_array_elements_text(platforms)),
  TRUE,
  clock_timestamp()
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (id text, email text, name text, region text, language text, platforms jsonb)
ON CONFLICT DO NOTHING
