-- The other ways into an account, which nobody changes until the transaction ends.
-- Grain: at most one row, locked; reads the account's passkeys and identities by index.
-- Parameters: :user_id uuid, :provider text, the one that goes.
SELECT
  password_hash IS NOT NULL
  OR EXISTS (SELECT 1 FROM passkey AS p WHERE p.user_id = u.id)
  OR EXISTS (SELECT 1 FROM identity AS i WHERE i.user_id = u.id AND i.provider <> :provider) AS others
FROM app_user AS u
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
FOR NO KEY UPDATE
