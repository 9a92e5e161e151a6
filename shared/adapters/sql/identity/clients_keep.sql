-- Keep what applications say of themselves, the new over the old; one that is ours or was disabled stays as it is.
-- Grain: one row per application that may be used.
-- Parameters: :rows json array as clients_add takes it, :now timestamptz.
INSERT INTO oauth_client (
  client_id, name, type, redirect_uris, grant_types, allowed_scopes, first_party,
  idle_seconds, absolute_seconds, created_at
)
SELECT
  client_id,
  name,
  type,
  ARRAY(SELECT jsonb_array_elements_text(redirect_uris)),
  ARRAY(SELECT jsonb_array_elements_text(grant_types)),
  ARRAY(SELECT jsonb_array_elements_text(allowed_scopes)),
  FALSE,
  idle_seconds,
  absolute_seconds,
  CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (
    client_id text, name text, type text, redirect_uris jsonb, grant_types jsonb, allowed_scopes jsonb,
    idle_seconds integer, absolute_seconds integer
  )
ON CONFLICT (client_id) DO UPDATE
SET
  name = excluded.name,
  redirect_uris = excluded.redirect_uris,
  grant_types = excluded.grant_types,
  allowed_scopes = excluded.allowed_scopes
WHERE NOT oauth_client.first_party AND NOT oauth_client.disabled AND oauth_client.type = 'public'
RETURNING client_id
