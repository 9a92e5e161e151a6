-- Let an application have scopes beside those it has; what stood before ends, and stays as what was allowed then.
-- Grain: one row. Where somebody else writes one meanwhile, both together are what stands.
-- Parameters: :user_id uuid, :client_id text, :scopes text[], :version integer, :now timestamptz.
WITH ended AS (
  UPDATE user_consent
  SET revoked_at = greatest(granted_at, CAST(:now AS timestamptz))
  WHERE user_id = CAST(:user_id AS uuid) AND client_id = :client_id AND revoked_at IS NULL
  RETURNING scopes, version
)
INSERT INTO user_consent (user_id, client_id, scopes, version, granted_at)
VALUES (
  CAST(:user_id AS uuid),
  :client_id,
  ARRAY(
    SELECT unnest(CAST(:scopes AS text []))
    UNION
    SELECT unnest(scopes) FROM ended WHERE version = CAST(:version AS integer)
    ORDER BY 1
  ),
  CAST(:version AS integer),
  CAST(:now AS timestamptz)
)
ON CONFLICT (user_id, client_id) WHERE revoked_at IS NULL DO UPDATE
SET scopes = ARRAY(SELECT unnest(user_consent.scopes) UNION SELECT unnest(excluded.scopes) ORDER BY 1)
