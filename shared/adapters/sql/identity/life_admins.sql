-- Who administers users, each held until the commit: of two who would leave nobody, one waits and sees.
-- Grain: one row per administrator who may sign in.
SELECT id
FROM app_user
WHERE role = 'admin' AND status = 'active' AND deleted_at IS NULL
ORDER BY id
FOR NO KEY UPDATE
