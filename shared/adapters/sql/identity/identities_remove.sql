-- Forget a provider's account.
-- Grain: at most one row.
-- Parameters: :provider text, :user_id uuid.
DELETE FROM identity
WHERE provider = :provider AND user_id = CAST(:user_id AS uuid)
