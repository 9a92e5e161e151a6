-- Add entries to a chain in the order given. One that is in the log already is left out, so a repetition adds nothing.
-- Grain: one row per entry added. Waits for other transactions that add to the same chain.
-- Parameters: :chain text; :rows JSON array of {said, ip} as audit_append has them.
WITH given AS (
  SELECT e.place, e.value ->> 'said' AS said, CAST(e.value ->> 'ip' AS inet) AS ip
  FROM json_array_elements(CAST(:rows AS json)) WITH ORDINALITY AS e (value, place)
),
fresh AS MATERIALIZED (
  SELECT g.said, g.ip
  FROM given AS g
  WHERE NOT EXISTS (
    SELECT 1
    FROM audit.audit_log AS l
    WHERE l.occurred_at = CAST(CAST(g.said AS json) ->> 'occurred_at' AS timestamptz)
      AND l.id = CAST(CAST(g.said AS json) ->> 'id' AS uuid)
  )
  ORDER BY g.place
)
SELECT audit.append(:chain, said, ip) AS number
FROM fresh
