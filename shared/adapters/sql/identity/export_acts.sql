-- What the audit log says that the user did, or somebody in their place or to their account, the newest first. Of others it
-- says what they are, not who or from where.
-- Grain: one row per act, at most 10,000. Parameters: :user_id uuid.
SELECT
  occurred_at, actor_type, action, resource_type, resource_id, outcome,
  CASE WHEN actor_id = CAST(CAST(:user_id AS uuid) AS text) THEN network END AS network,
  CASE WHEN actor_id = CAST(CAST(:user_id AS uuid) AS text) THEN user_agent END AS user_agent
FROM audit.audit_log
WHERE
  actor_id = CAST(CAST(:user_id AS uuid) AS text)
  OR (resource_type = 'account' AND resource_id = CAST(CAST(:user_id AS uuid) AS text))
ORDER BY occurred_at DESC
LIMIT 10000
