-- Wait until no page of items is under way, and keep others from beginning until the transaction ends: a page that looked
-- up a listing must not write to a title that is no longer that listing's. Pages hold the same lock shared (ingest/lock_keys.sql).
SELECT pg_advisory_xact_lock(7317)
