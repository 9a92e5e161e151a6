-- Forget periods that ended long ago; nobody debits those.
-- Grain: rows of quota_ledger. Parameters: :before timestamptz.
DELETE FROM quota_ledger WHERE period_end < CAST(:before AS timestamptz)
