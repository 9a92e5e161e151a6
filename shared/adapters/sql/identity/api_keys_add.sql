-- Keep a key.
-- Grain: one row.
-- Parameters: :id and :user_id uuid, :name and :prefix text, :key_hash bytea, :scopes text[], :rate integer,
-- :created_at and :expires_at timestamptz.
INSERT INTO api_key
  (id, user_id, name, prefix, key_hash, scopes, rate_limit_per_minute, created_at, expires_at)
VALUES
  (CAST(:id AS uuid), CAST(:user_id AS uuid), :name, :prefix, :key_hash, CAST(:scopes AS text[]),
   :rate, :created_at, :expires_at)
