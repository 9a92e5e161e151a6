-- Stop a provider, or stop it anew.
-- Grain: one row per provider.
-- Parameters: :provider :run_id :reason text; :now :until timestamptz.
INSERT INTO provider_stop (provider, run_id, reason, stopped_at, until)
VALUES (:provider, :run_id, :reason, CAST(:now AS timestamptz), CAST(:until AS timestamptz))
ON CONFLICT (provider) DO UPDATE SET
  run_id = excluded.run_id,
  reason = excluded.reason,
  stopped_at = excluded.stopped_at,
  until = excluded.until
