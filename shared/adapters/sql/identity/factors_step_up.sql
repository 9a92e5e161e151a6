-- Say of a session how and when its user proved once more who they are.
-- Grain: the session, or nothing where it has ended, is somebody else's, or the account may not be used.
-- Parameters: :family_id, :user_id uuid, :methods text[], :at timestamptz.
UPDATE token_family AS f
SET methods = CAST(:methods AS text []), authenticated_at = CAST(:at AS timestamptz)
FROM app_user AS u
WHERE
  f.family_id = CAST(:family_id AS uuid) AND f.user_id = CAST(:user_id AS uuid) AND f.status = 'active'
  AND u.id = f.user_id AND u.status = 'active' AND u.deleted_at IS NULL
RETURNING f.family_id
