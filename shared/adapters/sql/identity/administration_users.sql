-- One page of accounts.
-- Grain: one row per account of the page. Reads every account that matches, and sorts them.
-- Parameters: :pattern text or null (LIKE, \ escapes), :status text or null, :sort_by text, :descending boolean,
-- :most and :skipped integer.
SELECT
  id,
  email,
  email_verified,
  name AS display_name,
  region,
  role,
  tier,
  status,
  suspended_reason,
  created_at,
  last_login_at,
  deletion_scheduled_at
FROM app_user
WHERE
  deleted_at IS NULL
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:pattern AS text) IS NULL OR email ILIKE :pattern OR name ILIKE :pattern)
ORDER BY
  CASE WHEN NOT :descending AND CAST(:sort_by AS text) = 'email' THEN email END,
  CASE WHEN :descending AND CAST(:sort_by AS text) = 'email' THEN email END DESC,
  CASE WHEN NOT :descending AND CAST(:sort_by AS text) = 'display_name' THEN name END,
  CASE WHEN :descending AND CAST(:sort_by AS text) = 'display_name' THEN name END DESC,
  CASE WHEN NOT :descending AND CAST(:sort_by AS text) = 'created_at' THEN created_at END,
  CASE WHEN :descending AND CAST(:sort_by AS text) = 'created_at' THEN created_at END DESC,
  id
LIMIT :most OFFSET :skipped
