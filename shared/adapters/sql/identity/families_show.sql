-- A refresh token that somebody shows, with its session and the account as it is now.
-- Grain: one row, or none. Six look-ups by key, and one of a token made :burst rotations before.
-- Parameters: :token_hash bytea, :burst integer.
SELECT
  t.expires_at,
  t.used_at,
  t.sealed_successor,
  p.issued_at AS earlier_at,
  f.family_id,
  f.user_id,
  f.client_id,
  f.device_id,
  f.scopes,
  f.methods,
  f.profile_id,
  f.audience,
  f.authenticated_at,
  f.status,
  f.absolute_expires_at,
  f.rotation_count,
  c.rotation_limit,
  u.status = 'active' AND u.deleted_at IS NULL AND NOT c.disabled AS enabled,
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
FROM refresh_token AS t
INNER JOIN token_family AS f ON t.family_id = f.family_id
INNER JOIN oauth_client AS c ON f.client_id = c.client_id
INNER JOIN app_user AS u ON f.user_id = u.id
LEFT JOIN parental_control AS pc ON u.id = pc.user_id AND pc.enabled
LEFT JOIN household_profile AS hp ON f.profile_id = hp.id
LEFT JOIN refresh_token AS p ON t.family_id = p.family_id AND t.seq - CAST(:burst AS integer) = p.seq
WHERE t.token_hash = :token_hash
