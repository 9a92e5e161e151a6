-- Use a token up: of two at once, one gets a row.
-- Grain: at most one row.
-- Parameters: :token_hash bytea, :purpose text, :now timestamptz.
UPDATE one_time_token
SET used_at = :now
WHERE token_hash = :token_hash AND purpose = :purpose AND used_at IS NULL AND expires_at > :now
RETURNING user_id
