-- What a user lets an application have.
-- Grain: one row, or none.
-- Parameters: :user_id uuid, :client_id text, :version integer.
SELECT scopes
FROM user_consent
WHERE
  user_id = CAST(:user_id AS uuid) AND client_id = :client_id AND revoked_at IS NULL
  AND version = CAST(:version AS integer)
