-- Make every access token of an account one of an earlier version.
-- Grain: the account.
-- Parameters: :user_id uuid, :now timestamptz.
UPDATE app_user
SET token_version = token_version + 1, outdated_at = CAST(:now AS timestamptz), updated_at = CAST(:now AS timestamptz)
WHERE id = CAST(:user_id AS uuid)
RETURNING token_version
