-- Register applications of ours: new ones, and what is known of those that are there. One that was disabled stays so.
-- Grain: one row per application; none for one that is registered as of the other type.
-- Parameters: :rows json array of {client_id, name, type, grant_types, allowed_scopes, idle_seconds, absolute_seconds,
-- rotation_limit, redirect_uris, first_party, secret_hash as hexadecimal or null}, :now timestamptz.
INSERT INTO oauth_client (
  client_id, name, type, secret_hash, redirect_uris, grant_types, allowed_scopes, first_party,
  idle_seconds, absolute_seconds, rotation_limit, created_at
)
SELECT
  client_id,
  name,
  type,
  decode(secret_hash, 'hex'),
  ARRAY(SELECT jsonb_array_elements_text(redirect_uris)),
  ARRAY(SELECT jsonb_array_elements_text(grant_types)),
  ARRAY(SELECT jsonb_array_elements_text(allowed_scopes)),
  first_party,
  idle_seconds,
  absolute_seconds,
  rotation_limit,
  CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS given (
    client_id text, name text, type text, secret_hash text, redirect_uris jsonb, grant_types jsonb, allowed_scopes jsonb,
    idle_seconds integer, absolute_seconds integer, rotation_limit integer, first_party boolean
  )
ON CONFLICT (client_id) DO UPDATE
SET
  name = excluded.name,
  secret_hash = excluded.secret_hash,
  redirect_uris = excluded.redirect_uris,
  grant_types = excluded.grant_types,
  allowed_scopes = excluded.allowed_scopes,
  first_party = excluded.first_party,
  idle_seconds = excluded.idle_seconds,
  absolute_seconds = excluded.absolute_seconds,
  rotation_limit = excluded.rotation_limit
WHERE oauth_client.type = excluded.type
