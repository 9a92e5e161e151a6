-- An application that may ask for tokens.
-- Grain: one row, or none.
-- Parameters: :client_id text.
SELECT
  client_id,
  name,
  secret_hash,
  redirect_uris,
  grant_types,
  allowed_scopes,
  idle_seconds,
  absolute_seconds,
  rotation_limit,
  first_party
FROM oauth_client
WHERE client_id = :client_id AND NOT disabled
