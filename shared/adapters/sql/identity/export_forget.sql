-- Forget copies whose time is over. Grain: one row each. Parameters: :now timestamptz.
DELETE FROM user_export WHERE expires_at <= CAST(:now AS timestamptz)
