-- Why a provider is stopped, where it is.
-- Grain: one row or none.
-- Parameters: :provider text; :now timestamptz.
SELECT run_id, reason, until FROM provider_stop
WHERE provider = :provider AND until > CAST(:now AS timestamptz)
