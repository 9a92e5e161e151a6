-- A household's profiles: the owner's, which is the account, then the others, the oldest first.
-- Grain: one row per profile; none where the account is gone.
-- Parameters: :user_id uuid.
SELECT
  id,
  name,
  language,
  created_at,
  false AS is_child,
  '' AS max_rating,
  CAST('{}' AS text []) AS blocked_genres,
  true AS is_owner
FROM app_user
WHERE id = CAST(:user_id AS uuid) AND deleted_at IS NULL
UNION ALL
SELECT
  p.id,
  p.name,
  p.language,
  p.created_at,
  p.is_child,
  p.max_rating,
  p.blocked_genres,
  false AS is_owner
FROM household_profile AS p
INNER JOIN app_user AS u ON p.user_id = u.id
WHERE p.user_id = CAST(:user_id AS uuid) AND u.deleted_at IS NULL
ORDER BY is_owner DESC, created_at ASC, id ASC
