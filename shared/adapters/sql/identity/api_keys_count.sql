-- How many live keys a user has, in a transaction that holds the account's row.
-- Grain: one row; read by user.
-- Parameters: :user_id uuid, :now timestamptz.
SELECT count(*)
FROM api_key
WHERE user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL AND expires_at > CAST(:now AS timestamptz)
