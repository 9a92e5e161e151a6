-- Register applications that are not registered yet; who is there stays as they are.
-- Grain: one row per application.
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
ON CONFLICT DO NOTHING
