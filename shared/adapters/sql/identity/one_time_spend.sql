-- Use up what else an account was mailed for a purpose.
-- Grain: one row per token.
-- Parameters: :user_id uuid, :purpose text, :now timestamptz.
UPDATE one_time_token
SET used_at = :now
WHERE user_id = CAST(:user_id AS uuid) AND purpose = :purpose AND used_at IS NULL
