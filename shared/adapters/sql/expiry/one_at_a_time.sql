-- Let whoever gives notices wait for another who does; until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('expiration_notice', 0))
