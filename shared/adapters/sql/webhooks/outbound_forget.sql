-- Forget the subscriptions of an account that is gone, with what waits for them. Parameters: :owner text.
DELETE FROM webhook_subscription WHERE owner = :owner
