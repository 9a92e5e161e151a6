-- Keep an app that waits for its first code, in the place of any other that does.
-- Grain: one row.
-- Parameters: :id, :user_id uuid, :sealed_secret text, :now timestamptz.
INSERT INTO mfa_enrollment (id, user_id, status, sealed_secret, created_at)
VALUES (CAST(:id AS uuid), CAST(:user_id AS uuid), 'pending', :sealed_secret, :now)
ON CONFLICT (user_id, status) DO UPDATE
SET id = excluded.id, sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
