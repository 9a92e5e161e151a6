-- What the audit log says that the user did, or somebody in their place, the newest first.
-- Grain: one row per act, at most 10,000. Parameters: :user_id uuid.
SELECT occurred_at, actor_id, actor_type, act_on_behalf_of, action, resource_type, resource_id, outcome, network, user_agent
FROM audit.audit_log
WHERE
  actor_id = CAST(CAST(:user_id AS uuid) AS text)
  OR (resource_type = 'account' AND resource_id = CAST(CAST(:user_id AS uuid) AS text))
ORDER BY occurred_at DESC
LIMIT 10000
