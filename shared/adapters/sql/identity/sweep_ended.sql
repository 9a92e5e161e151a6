-- Sessions that ended not long ago, whose access tokens may still be about.
-- Grain: one row per session, with the version below which its account's tokens are dead.
-- Parameters: :since timestamptz.
SELECT
  f.family_id,
  f.user_id,
  u.token_version
FROM token_family AS f
INNER JOIN app_user AS u ON f.user_id = u.id
WHERE f.revoked_at >= CAST(:since AS timestamptz)
