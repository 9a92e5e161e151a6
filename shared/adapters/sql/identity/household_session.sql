-- As whom a live session goes on: nobody changes it until the commit.
-- Grain: one row, or none where the account has no such session.
-- Parameters: :family_id, :user_id uuid.
SELECT profile_id
FROM token_family
WHERE
  family_id = CAST(:family_id AS uuid) AND user_id = CAST(:user_id AS uuid) AND status = 'active'
FOR NO KEY UPDATE
