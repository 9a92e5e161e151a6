-- How many accounts match.
-- Grain: one row. Reads every account that matches.
-- Parameters: :pattern text or null (LIKE, \ escapes), :status text or null.
SELECT count(*)
FROM app_user
WHERE
  deleted_at IS NULL
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:pattern AS text) IS NULL OR email ILIKE :pattern OR name ILIKE :pattern)
