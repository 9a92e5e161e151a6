-- Add one entry to a chain of the audit log, in the caller's transaction.
-- Grain: one row. Waits for other transactions that add to the same chain.
-- Parameters: :chain text; :said canonical JSON of the entry; :ip text or NULL.
SELECT audit.append(:chain, :said, CAST(:ip AS inet)) AS number
