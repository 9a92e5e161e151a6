-- Back to one allowance a key; for tests only, production goes forward.
DROP TABLE IF EXISTS fetch_lease;
DROP TABLE IF EXISTS quota_pace;
DELETE FROM quota_ledger AS one
USING quota_ledger AS other
WHERE (one.provider, one.key_ref, one.period_start) = (other.provider, other.key_ref, other.period_start)
  AND one.period > other.period;
ALTER TABLE quota_ledger DROP CONSTRAINT quota_ledger_pkey;
ALTER TABLE quota_ledger DROP COLUMN period;
ALTER TABLE quota_ledger ADD PRIMARY KEY (provider, key_ref, period_start);
