-- Days (UTC) that have ended, and the last number that each has in a chain beyond a number; of the days alone that have one.
-- Grain: one row per day. Cost: the chain's index from the number on. Parameters: :chain text; :after bigint; :before timestamptz.
SELECT CAST(occurred_at AT TIME ZONE 'UTC' AS date) AS day, max(number) AS last
FROM audit.audit_log
WHERE chain = :chain AND number > :after AND occurred_at < CAST(:before AS timestamptz)
GROUP BY day
ORDER BY day
