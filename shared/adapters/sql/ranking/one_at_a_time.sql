-- Let whoever changes the ranking wait for another who does: shares are of one whole. Until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('ranking_config', 0))
