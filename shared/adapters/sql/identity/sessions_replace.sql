-- End the session that another takes the place of: one per account, application and device.
-- Grain: the session that ended, if there was one.
-- Parameters: :user_id uuid, :client_id, :device_id text, :now timestamptz.
UPDATE token_family
SET status = 'revoked', revoked_reason = 'replaced', revoked_at = CAST(:now AS timestamptz)
WHERE
  user_id = CAST(:user_id AS uuid) AND client_id = :client_id AND device_id = :device_id
  AND status = 'active'
RETURNING family_id
