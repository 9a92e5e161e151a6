-- Give an account a picture, or none; of two at once the second sees the first's.
-- Grain: the name of the picture before, or no row where the account is gone.
-- Parameters: :user_id uuid, :name text, :now timestamptz.
WITH kept AS (
  SELECT id, avatar
  FROM app_user
  WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
  FOR NO KEY UPDATE
)
UPDATE app_user AS u
SET avatar = :name, updated_at = CAST(:now AS timestamptz)
FROM kept
WHERE u.id = kept.id
RETURNING kept.avatar
