-- Note a sign-in; a password whose hash was outdated has a new one, unless it was changed meanwhile.
-- Grain: one account.
-- Parameters: :user_id uuid, :at timestamptz, :kept and :rehashed text, the latter null where the hash stays.
UPDATE app_user
SET
  last_login_at = :at,
  password_hash = CASE
    WHEN password_hash = :kept THEN coalesce(CAST(:rehashed AS text), password_hash)
    ELSE password_hash
  END
WHERE id = CAST(:user_id AS uuid)
