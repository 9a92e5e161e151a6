-- Delete the webhooks of an account, which are kept by the name of their owner.
-- Grain: one row per subscription.
-- Parameters: :user_id text.
DELETE FROM webhook_subscription WHERE owner = :user_id
