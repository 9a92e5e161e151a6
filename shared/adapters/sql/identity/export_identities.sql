-- Accounts elsewhere that sign the user in. Grain: one row each. Parameters: :user_id uuid.
SELECT provider, subject, email_at_link, linked_at
FROM identity
WHERE user_id = CAST(:user_id AS uuid)
ORDER BY linked_at
