-- Whether there are other ways into an account. Asked once the account is held (sessions_owner.sql), in a statement of its own:
-- one that waits for the account itself would tell what there was before it waited.
-- Grain: at most one row; reads the account's passkeys and identities by index.
-- Parameters: :user_id uuid, :provider text, the one that goes.
SELECT
  password_hash IS NOT NULL
  OR EXISTS (SELECT 1 FROM passkey AS p WHERE p.user_id = u.id)
  OR EXISTS (SELECT 1 FROM identity AS i WHERE i.user_id = u.id AND i.provider <> :provider) AS others
FROM app_user AS u
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
