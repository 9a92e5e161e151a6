-- A platform's registration.
-- Grain: at most one row. Parameters: :platform text.
SELECT platform, secret_ref, previous_secret_ref, event_types, rate_per_minute, legacy
FROM webhook_source
WHERE platform = :platform
