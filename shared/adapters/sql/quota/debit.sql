-- Take units from one allowance, or nothing where it would not reach.
-- Grain: one row per (provider, key_ref, period, period_start), made with the first debit; no row returned is a refusal.
-- Parameters: :provider :key_ref :period text, :start :end timestamptz, :units :allowed :ceiling bigint.
INSERT INTO quota_ledger (provider, key_ref, period, period_start, period_end, used, allowed)
SELECT
  :provider, :key_ref, :period, CAST(:start AS timestamptz), CAST(:end AS timestamptz),
  CAST(:units AS bigint), CAST(:allowed AS bigint)
WHERE CAST(:units AS bigint) <= CAST(:ceiling AS bigint)
ON CONFLICT (provider, key_ref, period, period_start) DO UPDATE
SET used = quota_ledger.used + excluded.used, allowed = excluded.allowed
WHERE quota_ledger.used + excluded.used <= CAST(:ceiling AS bigint)
RETURNING used
