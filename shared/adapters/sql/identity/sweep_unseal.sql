-- Forget successors whose grace is over.
-- Grain: one row per refresh token that was used within the last hours.
-- Parameters: :before, :after timestamptz.
UPDATE refresh_token
SET sealed_successor = NULL
WHERE
  used_at > CAST(:after AS timestamptz) AND used_at <= CAST(:before AS timestamptz)
  AND sealed_successor IS NOT NULL
