-- Forget from which addresses an account acted that is no more.
-- Grain: one row.
-- Parameters: :user_id text.
SELECT audit.forget_actor(:user_id)
