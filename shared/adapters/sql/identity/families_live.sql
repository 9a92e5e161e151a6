-- Whether an access token of a session, of some version of its account, is still good.
-- Grain: one row where it is, else none.
-- Parameters: :family_id uuid, :version integer.
SELECT f.family_id
FROM token_family AS f
INNER JOIN app_user AS u ON f.user_id = u.id
INNER JOIN oauth_client AS c ON f.client_id = c.client_id
WHERE
  f.family_id = CAST(:family_id AS uuid) AND f.status = 'active' AND NOT c.disabled
  AND u.status = 'active' AND u.deleted_at IS NULL AND u.token_version <= CAST(:version AS integer)
