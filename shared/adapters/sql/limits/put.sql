-- Say how a tier or class differs. Grain: one row. Parameters: :name text, :said json, :now timestamptz.
INSERT INTO limit_change (name, said, changed_at)
VALUES (:name, CAST(:said AS jsonb), CAST(:now AS timestamptz))
ON CONFLICT (name) DO UPDATE SET said = excluded.said, changed_at = excluded.changed_at
