-- What is left of each quota in the period that runs now; keys without a period now are at nothing used.
-- Grain: one row per provider, key and period. Parameters: :now timestamptz.
SELECT DISTINCT ON (provider, key_ref, period)
  provider,
  key_ref,
  period,
  CASE WHEN period_end > CAST(:now AS timestamptz) THEN used ELSE 0 END AS used,
  allowed,
  CASE WHEN period_end > CAST(:now AS timestamptz) THEN period_start END AS period_start,
  CASE WHEN period_end > CAST(:now AS timestamptz) THEN period_end END AS resets_at
FROM quota_ledger
WHERE period_start <= CAST(:now AS timestamptz)
ORDER BY provider, key_ref, period, quota_ledger.period_start DESC
