-- Note that a copy is asked for. Grain: one row. Parameters: :id and :user_id uuid, :now timestamptz.
INSERT INTO user_export (id, user_id, asked_at)
VALUES (CAST(:id AS uuid), CAST(:user_id AS uuid), CAST(:now AS timestamptz))
