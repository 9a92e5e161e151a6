-- Let changes of limits be made one after the other.
SELECT pg_advisory_xact_lock(hashtextextended('limit_change', 0))
