-- A session as its access tokens speak of it, with the account and its limits as they are now.
-- Grain: one row, or none. Five look-ups by key.
-- Parameters: :family_id uuid, :version integer: only where it is live and tokens of that version are good; NULL asks for neither.
SELECT
  f.family_id,
  f.user_id,
  f.client_id,
  f.device_id,
  f.scopes,
  f.methods,
  f.profile_id,
  f.audience,
  f.authenticated_at,
  u.role,
  u.tier,
  u.region,
  u.token_version,
  (
    SELECT array_agg(pp.purpose ORDER BY pp.purpose) FROM privacy_preference AS pp
    WHERE pp.user_id = u.id AND NOT pp.granted
  ) AS declined,
  pc.max_rating AS account_rating,
  pc.blocked_genres AS account_blocked,
  pc.viewing_start,
  pc.viewing_end,
  pc.timezone,
  hp.max_rating AS profile_rating,
  hp.blocked_genres AS profile_blocked
FROM token_family AS f
INNER JOIN oauth_client AS c ON f.client_id = c.client_id
INNER JOIN app_user AS u ON f.user_id = u.id
LEFT JOIN parental_control AS pc ON u.id = pc.user_id AND pc.enabled
LEFT JOIN household_profile AS hp ON f.profile_id = hp.id
WHERE
  f.family_id = CAST(:family_id AS uuid)
  AND (
    CAST(:version AS integer) IS NULL
    OR (
      f.status = 'active' AND NOT c.disabled
      AND u.status = 'active' AND u.deleted_at IS NULL AND u.token_version <= CAST(:version AS integer)
    )
  )
