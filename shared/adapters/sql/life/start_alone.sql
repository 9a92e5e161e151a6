-- Hold the right to start a workflow until the transaction ends.
-- Parameters: :workflow text.
SELECT pg_advisory_xact_lock(hashtextextended('workflow-start/' || CAST(:workflow AS text), 0))
