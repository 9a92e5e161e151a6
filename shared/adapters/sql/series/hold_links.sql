-- Let nobody else link until the transaction ends: who brings a part and who brings its series must see each other.
-- Grain: one row.
SELECT pg_advisory_xact_lock(hashtext('series_link'))
