-- Begin a session of a browser, unless the account is closed or its sessions have ended since it was read.
-- Grain: one row, or none; whoever ends all sessions of the account comes before or after.
-- Parameters: :session_id uuid, :cookie_hash bytea, :user_id uuid, :version integer, :methods text[],
-- :authenticated_at, :now, :expires_at timestamptz, :user_agent, :network text.
INSERT INTO browser_session (
  session_id,
  cookie_hash,
  user_id,
  token_version,
  methods,
  authenticated_at,
  created_at,
  last_used_at,
  expires_at,
  user_agent,
  network
)
SELECT
  CAST(:session_id AS uuid),
  CAST(:cookie_hash AS bytea),
  u.id,
  u.token_version,
  CAST(:methods AS text []),
  CAST(:authenticated_at AS timestamptz),
  CAST(:now AS timestamptz),
  CAST(:now AS timestamptz),
  CAST(:expires_at AS timestamptz),
  :user_agent,
  :network
FROM app_user AS u
WHERE
  u.id = CAST(:user_id AS uuid) AND u.deleted_at IS NULL AND u.status = 'active'
  AND u.token_version = CAST(:version AS integer)
FOR NO KEY UPDATE
