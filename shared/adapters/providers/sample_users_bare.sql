-- The sample's viewers whom no password lets in yet.
-- Grain: one row per user.
SELECT id
FROM app_user
WHERE sample AND password_hash IS NULL AND deleted_at IS NULL
ORDER BY id
