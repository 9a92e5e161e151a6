-- Note a use of a passkey: of several that tell one count at once, one gets a row.
-- Grain: the passkey, or nothing where its count has not risen; one that counts nothing always tells 0 (WebAuthn §6.1.1).
-- Parameters: :id uuid, :sign_count bigint, :backed_up boolean, :at timestamptz.
UPDATE passkey
SET
  sign_count = CAST(:sign_count AS bigint),
  backed_up = :backed_up,
  last_used_at = :at
WHERE
  id = CAST(:id AS uuid)
  AND (
    sign_count < CAST(:sign_count AS bigint)
    OR (sign_count = 0 AND CAST(:sign_count AS bigint) = 0)
  )
RETURNING id
