-- The notice that a repeated delivery is of.
-- Grain: at most one row. Parameters: :event_hash bytea.
SELECT id FROM webhook_event WHERE event_hash = :event_hash AND NOT superseded
