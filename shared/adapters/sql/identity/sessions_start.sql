-- Begin a session with its first refresh token.
-- Grain: one row in each table.
-- Parameters: :family_id, :user_id uuid, :client_id, :device_id, :device_name, :user_agent, :network, :audience text,
-- :profile_id uuid or null, :scopes, :methods text[], :authenticated_at, :now, :ends_at, :expires_at timestamptz, :token_hash bytea.
WITH made AS (
  INSERT INTO token_family (
    family_id, user_id, client_id, device_id, device_name, scopes, methods, profile_id, audience,
    authenticated_at, created_at, last_rotation_at, absolute_expires_at, user_agent, network
  )
  VALUES (
    CAST(:family_id AS uuid),
    CAST(:user_id AS uuid),
    :client_id,
    :device_id,
    :device_name,
    CAST(:scopes AS text []),
    CAST(:methods AS text []),
    CAST(:profile_id AS uuid),
    :audience,
    CAST(:authenticated_at AS timestamptz),
    CAST(:now AS timestamptz),
    CAST(:now AS timestamptz),
    CAST(:ends_at AS timestamptz),
    :user_agent,
    :network
  )
  RETURNING family_id
)
INSERT INTO refresh_token (token_hash, family_id, seq, issued_at, expires_at)
SELECT
  CAST(:token_hash AS bytea),
  family_id,
  1,
  CAST(:now AS timestamptz),
  CAST(:expires_at AS timestamptz)
FROM made
