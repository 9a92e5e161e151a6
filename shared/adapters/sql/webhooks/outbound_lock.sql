-- Let one account's subscriptions be made one after the other. Parameters: :owner text.
SELECT pg_advisory_xact_lock(hashtextextended('webhook_subscription' || :owner, 0))
