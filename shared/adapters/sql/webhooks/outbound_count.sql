-- How many subscriptions an account has, and whether one is of this URL. Parameters: :owner, :url text.
SELECT count(*) AS owned, coalesce(bool_or(url = :url), false) AS known
FROM webhook_subscription
WHERE owner = :owner
