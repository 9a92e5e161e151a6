-- A chain's entries beyond a number, by number.
-- Grain: one row per entry. Parameters: :chain text; :after bigint; :limit.
SELECT
  id, occurred_at, actor_id, actor_type, act_on_behalf_of, action, resource_type, resource_id, outcome,
  CAST(details AS text) AS details, network, user_agent, request_id, number, prev_hash, hash
FROM audit.audit_log
WHERE chain = :chain AND number > :after
ORDER BY number
LIMIT :limit
