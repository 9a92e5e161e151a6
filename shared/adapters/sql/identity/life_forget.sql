-- Delete an account; everything that is kept of it by its id goes with it.
-- Grain: the account.
-- Parameters: :user_id uuid.
DELETE FROM app_user WHERE id = CAST(:user_id AS uuid)
RETURNING avatar
