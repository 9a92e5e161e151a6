-- The newest entries that pass every filter, at most :most; part of audit_older and audit_newer.
-- Parameters: :start, :end timestamptz; :most; :action, :action_prefix, :actor_id, :resource_type,
-- :resource_id, :outcome text or NULL.
SELECT occurred_at, id
FROM audit.audit_log
WHERE occurred_at BETWEEN CAST(:start AS timestamptz) AND CAST(:end AS timestamptz)
  AND (CAST(:action AS text) IS NULL OR action = CAST(:action AS text))
  AND (CAST(:action_prefix AS text) IS NULL OR starts_with(action, CAST(:action_prefix AS text)))
  AND (CAST(:actor_id AS text) IS NULL OR actor_id = CAST(:actor_id AS text))
  AND (CAST(:resource_type AS text) IS NULL OR resource_type = CAST(:resource_type AS text))
  AND (CAST(:resource_id AS text) IS NULL OR resource_id = CAST(:resource_id AS text))
  AND (CAST(:outcome AS text) IS NULL OR outcome = CAST(:outcome AS text))
ORDER BY occurred_at DESC, id DESC
LIMIT :most
