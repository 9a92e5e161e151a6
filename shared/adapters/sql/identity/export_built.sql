-- Keep a copy. Grain: one row. Parameters: :id uuid, :sealed text, :now and :expires_at timestamptz.
UPDATE user_export
SET sealed = :sealed, built_at = CAST(:now AS timestamptz), expires_at = CAST(:expires_at AS timestamptz)
WHERE id = CAST(:id AS uuid)
