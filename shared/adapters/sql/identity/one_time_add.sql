-- Keep the hash of a token that a mail carries.
-- Grain: one row.
-- Parameters: :token_hash bytea, :purpose text, :user_id uuid, :now and :expires_at timestamptz.
INSERT INTO one_time_token (token_hash, purpose, user_id, created_at, expires_at)
VALUES (:token_hash, :purpose, CAST(:user_id AS uuid), :now, :expires_at)
