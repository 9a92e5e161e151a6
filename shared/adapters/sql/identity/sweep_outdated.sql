-- Accounts whose access tokens were outdated not long ago, so that such tokens may still be about.
-- Grain: one row per account, with the version below which its tokens are dead.
-- Parameters: :since timestamptz.
SELECT
  id AS user_id,
  token_version
FROM app_user
WHERE outdated_at >= CAST(:since AS timestamptz)
