-- Let an account elsewhere open one here, unless either of both is linked already.
-- Grain: at most one row.
-- Parameters: :provider, :subject, :email text, :user_id uuid, :now timestamptz.
INSERT INTO identity (provider, subject, user_id, email_at_link, linked_at)
SELECT :provider, :subject, id, :email, CAST(:now AS timestamptz)
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
ON CONFLICT DO NOTHING
