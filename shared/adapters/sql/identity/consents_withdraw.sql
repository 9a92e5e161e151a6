-- End a consent and the sessions that stand on it.
-- Grain: one row: how many consents ended, none or one, and which sessions.
-- Parameters: :user_id uuid, :client_id text, :now timestamptz.
WITH ended AS (
  UPDATE user_consent
  SET revoked_at = greatest(granted_at, CAST(:now AS timestamptz))
  WHERE user_id = CAST(:user_id AS uuid) AND client_id = :client_id AND revoked_at IS NULL
  RETURNING user_id, client_id
),

closed AS (
  UPDATE token_family AS f
  SET status = 'revoked', revoked_reason = 'consent_withdrawn', revoked_at = CAST(:now AS timestamptz)
  FROM ended AS e
  WHERE f.user_id = e.user_id AND f.client_id = e.client_id AND f.status = 'active'
  RETURNING f.family_id
)

SELECT
  (SELECT count(*) FROM ended) AS consents,
  ARRAY(SELECT family_id FROM closed) AS families
