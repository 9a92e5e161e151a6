-- Entries after a position, the nearest first, and how many pass the filters.
-- Grain: one row per entry. Cost: at most :most index entries, and a look-up per entry shown.
-- Parameters: those of audit_reachable; :sort_key timestamptz; :id uuid; :limit.
WITH reachable AS MATERIALIZED (
  /* audit_reachable */
)
SELECT
  /* audit_shown */,
  (SELECT count(*) FROM reachable) AS total
FROM (
  SELECT occurred_at, id
  FROM reachable
  WHERE (occurred_at, id) > (CAST(:sort_key AS timestamptz), CAST(:id AS uuid))
  ORDER BY occurred_at, id
  LIMIT :limit
) AS p
JOIN audit.audit_log l ON l.occurred_at = p.occurred_at AND l.id = p.id
LEFT JOIN audit.address a ON a.id = p.id
ORDER BY p.occurred_at, p.id
